//! PostgreSQL through its own programs: `psql` asks, `pg_dump` copies, `pg_restore` and `psql` put back in one transaction. A password
//! reaches them by their environment alone.

mod way_back;

use super::{Backup, Facts, table};
use crate::base::{Problem, Stream};
use crate::msg;
use crate::process::{Cmd, Processes};
use crate::{deliver, files};
use serde_json::Value;
use std::fmt;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Of what a program says, kept.
const MAX_SAID: usize = 1024 * 1024;

/// Counts and sums every table by itself, in one moment; a hash of each row's text, added up, so that their order says nothing. Casts and
/// brackets of definitions say nothing either: the server writes them in another way when a definition is put back.
const FACTS: &str = r#"
SELECT format('SELECT json_build_object(''table'', %L, ''columns'', %L, ''rows'', count(*), ''sum'', concat(coalesce(sum(hashtextextended("chantier row"::text, 0)::numeric), 0), '':'', coalesce(sum(hashtextextended("chantier row"::text, 1)::numeric), 0))) FROM %s AS "chantier row"',
  n.nspname || '.' || c.relname,
  (SELECT coalesce(string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ',' ORDER BY a.attname), '') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname \gexec
SELECT 'SELECT json_build_object(''table'', ''(large objects)'', ''columns'', '''', ''rows'', count(*), ''sum'', coalesce(sum(hashtextextended(oid::text || md5(lo_get(oid)), 0)::numeric), 0)::text) FROM pg_largeobject_metadata'
WHERE EXISTS (SELECT FROM pg_largeobject_metadata) \gexec
SELECT json_build_object('definitions', md5(regexp_replace(concat(
  (SELECT string_agg(c.relkind::text || c.oid::regclass::text, ',' ORDER BY c.relkind, c.oid::regclass::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  (SELECT string_agg(indexdef, ',' ORDER BY indexdef) FROM pg_indexes WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  (SELECT string_agg(definition, ',' ORDER BY schemaname, viewname) FROM pg_views WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  (SELECT string_agg(definition, ',' ORDER BY schemaname, matviewname) FROM pg_matviews WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  (SELECT string_agg(definition, ',' ORDER BY schemaname, tablename, rulename) FROM pg_rules WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  (SELECT string_agg(concat_ws(' ', p), ',' ORDER BY schemaname, tablename, policyname) FROM pg_policies p WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  (SELECT string_agg(concat_ws(' ', s), ',' ORDER BY schemaname, sequencename) FROM pg_sequences s WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'),
  (SELECT string_agg(pg_get_functiondef(p.oid), ',' ORDER BY p.oid::regprocedure::text) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind <> 'a' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')),
  (SELECT string_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text, ',' ORDER BY t.tgrelid::regclass::text, t.tgname) FROM pg_trigger t WHERE NOT t.tgisinternal),
  (SELECT string_agg(concat_ws(' ', a.attrelid::regclass, a.attname, a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(f.adbin, f.adrelid)), ',' ORDER BY a.attrelid::regclass::text, a.attname)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
  (SELECT string_agg(e.enumtypid::regtype::text || e.enumlabel, ',' ORDER BY e.enumtypid::regtype::text, e.enumsortorder) FROM pg_enum e),
  (SELECT string_agg(pg_get_constraintdef(k.oid), ',' ORDER BY k.conrelid::regclass::text, k.conname) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')), '::(text|character varying)(\[\])?|[()\s]', '', 'g')));
"#;

/// One database of a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// A name, an address, or the folder of its socket.
    pub host: String,
    pub port: u16,
    pub name: String,
    /// None is the user of this program.
    pub user: Option<String>,
    pub password: Option<String>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.url())
    }
}

impl Server {
    /// Without the password: `postgresql://user@host:port/name`.
    pub fn url(&self) -> String {
        let user = self.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
        if self.host.starts_with('/') {
            return format!("postgresql://{user}/{}?host={}&port={}", self.name, self.host, self.port);
        }
        format!("postgresql://{user}{}:{}/{}", self.host, self.port, self.name)
    }

    /// What libpq takes from the environment (postgresql.org, "Environment Variables").
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = vec![
            ("PGHOST", self.host.clone()),
            ("PGPORT", self.port.to_string()),
            ("PGDATABASE", self.name.clone()),
        ];
        env.extend(self.user.clone().map(|user| ("PGUSER", user)));
        env.extend(self.password.clone().map(|password| ("PGPASSWORD", password)));
        env
    }

    fn cmd(&self, program: &str) -> Cmd {
        let mut cmd = Cmd::new(program)
            .env("PGAPPNAME", "chantier")
            .env("PGCONNECT_TIMEOUT", "10")
            .env("PGCLIENTENCODING", "UTF8");
        for (name, value) in self.env() {
            cmd = cmd.env(name, value);
        }
        cmd
    }

    /// Reads nothing of the user's own settings, never asks for a password, stops at the first error.
    fn psql(&self) -> Cmd {
        self.cmd("psql").args(["-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
    }

    async fn run(&self, cmd: Cmd, processes: &Processes, stop: &CancellationToken) -> Result<String, Problem> {
        let program = cmd.program.to_string_lossy().into_owned();
        let output = processes.output(cmd, stop, MAX_SAID).await?;
        match output.exit.problem(&program) {
            None => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Some(problem) if problem.is_cancelled() => Err(problem),
            Some(problem) => Err(self.failed(&problem, &String::from_utf8_lossy(&output.stderr))),
        }
    }

    fn failed(&self, why: &Problem, said: &str) -> Problem {
        Problem::environment(msg!("database-failed", database = self.url()))
            .code("database")
            .details(if said.trim().is_empty() {
                why.details.as_str()
            } else {
                said.trim()
            })
    }

    pub(super) async fn size(&self, processes: &Processes, stop: &CancellationToken) -> Result<u64, Problem> {
        for program in ["pg_dump", "pg_restore"] {
            processes.resolve(program, None)?;
        }
        let cmd = self.psql().args(["-c", "SELECT pg_database_size(current_database())"]);
        let said = self.run(cmd, processes, stop).await?;
        Ok(said.trim().parse().unwrap_or(0))
    }

    /// Reads only, and no longer than the time-out: the server itself ends it.
    pub(super) async fn value(
        &self,
        query: &str,
        timeout: std::time::Duration,
        processes: &Processes,
        stop: &CancellationToken,
    ) -> Result<Option<String>, Problem> {
        let options = format!(
            "-c default_transaction_read_only=on -c statement_timeout={}",
            timeout.as_millis().max(1)
        );
        let secs = timeout.as_secs().max(1).to_string();
        let cmd = self
            .psql()
            .env("PGOPTIONS", options)
            .env("PGCONNECT_TIMEOUT", secs)
            .args(["-P", "null=\u{1}NULL", "-F", "\u{1f}", "-R", "\u{1e}"])
            // Behind a first statement nothing in a transaction can make it one that writes.
            .args(["-c", "BEGIN READ ONLY", "-c", "DO 'BEGIN END'", "-c"])
            .arg(query)
            .timeout(timeout + std::time::Duration::from_secs(1));
        let said = self.run(cmd, processes, stop).await?;
        let said = said.trim_end_matches('\n');
        let first = said.split('\u{1e}').next().and_then(|row| row.split('\u{1f}').next());
        Ok(first
            .filter(|value| !said.is_empty() && *value != "\u{1}NULL")
            .map(str::to_owned))
    }

    pub(super) async fn facts(&self, processes: &Processes, stop: &CancellationToken) -> Result<Facts, Problem> {
        let mut asked = self.ask(processes, stop, false)?;
        asked.facts().await
    }

    /// A session that tells what stands in the database at its moment, and holds that moment while it lives when it is asked to.
    fn ask(&self, processes: &Processes, stop: &CancellationToken, holds: bool) -> Result<Asked<'_>, Problem> {
        let mut script = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n".to_owned();
        if holds {
            script.push_str("SELECT json_build_object('snapshot', pg_export_snapshot());\n");
        }
        script.push_str(FACTS);
        script.push_str("SELECT '{\"end\":1}';\n");
        if holds {
            // Its end is that of the program: nothing is left at the server's.
            script.push_str("SELECT NULL WHERE false \\watch 0.5\n");
        }
        let running = processes.start(self.psql().stdin(script), stop, None)?;
        Ok(Asked {
            server: self,
            running,
            snapshot: None,
        })
    }

    pub(super) async fn back_up(&self, to: &Path, processes: &Processes, stop: &CancellationToken) -> Result<Backup, Problem> {
        if let Some(folder) = to.parent() {
            files::create_private_dir(folder)?;
        }
        let mut asked = self.ask(processes, stop, true)?;
        let facts = asked.facts().await?;
        let snapshot = asked.snapshot.clone().unwrap_or_default();
        let unfinished = to.with_extension("unfinished");
        let cmd = self
            .cmd("pg_dump")
            .args(["-w", "-Fc", "--snapshot"])
            .arg(snapshot)
            .arg("-f")
            .arg(&unfinished);
        self.run(cmd, processes, stop).await?;
        drop(asked);
        // That the archive can be read is known before it is needed.
        self.run(Cmd::new("pg_restore").arg("--list").arg(&unfinished), processes, stop)
            .await?;
        let (from, to) = (unfinished, to.to_path_buf());
        let name = self.url();
        let kept = tokio::task::spawn_blocking(move || {
            let kept = deliver::keep(&from, &to)?;
            super::forget(&from)?;
            Ok::<_, Problem>(kept)
        });
        let kept = kept
            .await
            .map_err(|error| Problem::internal(msg!("database-failed", database = name)).details(error))??;
        Ok(Backup {
            path: kept.path,
            bytes: kept.bytes,
            sha256: kept.sha256,
            was_there: true,
            facts,
            journal: None,
        })
    }

    /// Makes a database of this name on the server, empty.
    pub async fn create(&self, processes: &Processes, stop: &CancellationToken) -> Result<(), Problem> {
        self.elsewhere("CREATE DATABASE", processes, stop).await
    }

    /// Removes the database; that it is not there is fine.
    pub async fn remove(&self, processes: &Processes, stop: &CancellationToken) -> Result<(), Problem> {
        // A program that was killed a moment ago may still have its sessions there.
        let name = self.name.replace('\'', "''");
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        let cmd = self.psql().env("PGDATABASE", "postgres").args(["-c", &end]);
        self.run(cmd, processes, stop).await?;
        self.elsewhere("DROP DATABASE IF EXISTS", processes, stop).await
    }

    /// Asked of the database that every server has.
    async fn elsewhere(&self, order: &str, processes: &Processes, stop: &CancellationToken) -> Result<(), Problem> {
        let sql = format!("{order} \"{}\"", self.name.replace('"', "\"\""));
        let cmd = self.psql().env("PGDATABASE", "postgres").args(["-c", &sql]);
        self.run(cmd, processes, stop).await.map(drop)
    }
}

/// A session of psql that is being read.
struct Asked<'a> {
    server: &'a Server,
    running: crate::process::Running,
    snapshot: Option<String>,
}

impl Asked<'_> {
    async fn facts(&mut self) -> Result<Facts, Problem> {
        let mut facts = Facts::default();
        let mut errors = String::new();
        let mut is_whole = false;
        while let Some(batch) = self.running.next().await {
            for line in batch.lines() {
                if line.stream == Stream::Err {
                    errors.push_str(&String::from_utf8_lossy(line.bytes));
                    errors.push('\n');
                    continue;
                }
                let Ok(told) = serde_json::from_slice::<Value>(line.bytes) else {
                    continue;
                };
                let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
                if told["table"].is_string() {
                    let rows = told["rows"].as_u64().unwrap_or(0);
                    facts
                        .tables
                        .insert(text("table"), table(rows, &text("columns"), &text("sum")));
                } else if told["snapshot"].is_string() {
                    self.snapshot = Some(text("snapshot"));
                } else if told["definitions"].is_string() {
                    facts.schema = text("definitions");
                }
                is_whole |= told["end"].is_number();
            }
            if is_whole {
                return Ok(facts);
            }
        }
        let why = Problem::environment(msg!("database-failed", database = self.server.url()));
        Err(self.server.failed(&why, &errors))
    }
}
