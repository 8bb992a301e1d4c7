//! How a copy comes back: everything that the role owns is removed, and made again as the copy has it, in one transaction. Schemas and
//! extensions that the copy has as well stay where they are: they often belong to somebody else.

use super::{Backup, Server};
use crate::base::Problem;
use crate::msg;
use crate::process::{Cmd, Processes};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// The schemas and extensions that are there, and whether the role owns the schema.
const THERE: &str = r"
SELECT json_build_object('schema', n.nspname, 'own', pg_has_role(n.nspowner, 'USAGE')) FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
SELECT json_build_object('extension', x.extname, 'own', pg_has_role(x.extowner, 'USAGE')) FROM pg_extension x;
";

/// Removes every object that the role owns, in any schema; none of an extension's.
const EMPTY: &str = r"
DO $chantier$
DECLARE one record;
BEGIN
  FOR one IN SELECT format('%I.%I', n.nspname, c.relname) AS name,
      CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND pg_has_role(c.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND (d.deptype = 'e' OR d.deptype = 'i' AND d.refobjid <> d.objid))
  LOOP EXECUTE format('DROP %s IF EXISTS %s CASCADE', one.kind, one.name); END LOOP;
  FOR one IN SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_has_role(p.proowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
  LOOP EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', one.name); END LOOP;
  FOR one IN SELECT format('%I.%I', n.nspname, t.typname) AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_has_role(t.typowner, 'USAGE') AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype IN ('e', 'i'))
  LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', one.name); END LOOP;
  FOR one IN SELECT i.type, i.identity FROM (
      SELECT 'pg_collation'::regclass AS class, oid, collnamespace AS space, collowner AS owner FROM pg_collation
      UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace, conowner FROM pg_conversion
      UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner FROM pg_ts_config
      UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner FROM pg_ts_dict
      UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprowner FROM pg_operator
      UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace, opfowner FROM pg_opfamily
      UNION ALL SELECT 'pg_publication'::regclass, oid, NULL, pubowner FROM pg_publication
      UNION ALL SELECT 'pg_event_trigger'::regclass, oid, NULL, evtowner FROM pg_event_trigger
      UNION ALL SELECT 'pg_foreign_server'::regclass, oid, NULL, srvowner FROM pg_foreign_server
      UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, NULL, fdwowner FROM pg_foreign_data_wrapper
    ) o LEFT JOIN pg_namespace n ON n.oid = o.space, pg_identify_object(o.class, o.oid, 0) i
    WHERE (n.nspname IS NULL OR n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AND pg_has_role(o.owner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
  LOOP EXECUTE format('DROP %s IF EXISTS %s CASCADE', replace(one.type, 'foreign-data', 'foreign data'), one.identity); END LOOP;
  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata WHERE pg_has_role(lomowner, 'USAGE');
END $chantier$;
";

/// What stands in the database beside tables: by name, and whether the role owns it.
#[derive(Default)]
struct There {
    schemas: Vec<(String, bool)>,
    extensions: Vec<(String, bool)>,
}

/// The names of types that the list of a copy has, behind `id; class object `.
fn is_entry(line: &str, word: &str, name: &str) -> bool {
    let entry = line.splitn(4, ' ').nth(3).unwrap_or_default();
    let rest = entry.strip_prefix(word).and_then(|rest| rest.strip_prefix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

impl There {
    /// The list of a copy without what is there and stays.
    fn without(&self, list: &str) -> String {
        let stays = |line: &&str| {
            let of_extension =
                |(name, _): &(String, bool)| is_entry(line, "EXTENSION - ", name) || is_entry(line, "COMMENT - EXTENSION ", name);
            let of_schema = |(name, is_own): &(String, bool)| {
                is_entry(line, "SCHEMA - ", name)
                    || !is_own && (is_entry(line, "ACL - SCHEMA ", name) || is_entry(line, "COMMENT - SCHEMA ", name))
            };
            !self.extensions.iter().any(of_extension) && !self.schemas.iter().any(of_schema)
        };
        list.lines()
            .filter(stays)
            .fold(String::new(), |text, line| text + line + "\n")
    }

    /// Removes what the copy does not have.
    fn drops(&self, list: &str) -> String {
        let is_kept = |word: &str, name: &str| list.lines().any(|line| is_entry(line, word, name));
        let quoted = |name: &str| name.replace('"', "\"\"");
        let mut sql = String::new();
        for (name, _) in self.extensions.iter().filter(|(name, is_own)| *is_own && name != "plpgsql") {
            if !is_kept("EXTENSION - ", name) {
                write!(sql, "DROP EXTENSION IF EXISTS \"{}\" CASCADE; ", quoted(name)).ok();
            }
        }
        for (name, _) in self.schemas.iter().filter(|(name, is_own)| *is_own && name != "public") {
            if !is_kept("SCHEMA - ", name) {
                write!(sql, "DROP SCHEMA IF EXISTS \"{}\" CASCADE; ", quoted(name)).ok();
            }
        }
        sql
    }
}

impl Server {
    async fn there(&self, processes: &Processes, stop: &CancellationToken) -> Result<There, Problem> {
        let said = self.run(self.psql().stdin(THERE), processes, stop).await?;
        let mut there = There::default();
        for told in said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let is_own = told["own"].as_bool().unwrap_or(false);
            if let Some(name) = told["schema"].as_str() {
                there.schemas.push((name.to_owned(), is_own));
            } else if let Some(name) = told["extension"].as_str() {
                there.extensions.push((name.to_owned(), is_own));
            }
        }
        Ok(there)
    }

    /// The script that makes what the copy has, beside it, and what has to be removed before.
    async fn script(
        &self,
        copy: &Path,
        options: &[&str],
        processes: &Processes,
        stop: &CancellationToken,
    ) -> Result<(Files, String), Problem> {
        let there = self.there(processes, stop).await?;
        let list = self
            .run(Cmd::new("pg_restore").arg("--list").arg(copy), processes, stop)
            .await?;
        let files = Files {
            list: copy.with_extension("list"),
            script: copy.with_extension("sql"),
        };
        crate::files::write_atomic(&files.list, there.without(&list).as_bytes())?;
        let cmd = Cmd::new("pg_restore").args(options).arg("-L").arg(&files.list);
        self.run(cmd.arg("-f").arg(&files.script).arg(copy), processes, stop).await?;
        Ok((files, format!("{}{EMPTY}", there.drops(&list))))
    }

    /// All of it or nothing.
    pub(in crate::database) async fn restore(
        &self,
        backup: &Backup,
        processes: &Processes,
        stop: &CancellationToken,
    ) -> Result<(), Problem> {
        // Without `-1` the script ends the transaction behind large objects.
        let (files, empty) = self.script(&backup.path, &["-1"], processes, stop).await?;
        let empty = format!("SET lock_timeout = '60s'; {empty}");
        let cmd = self
            .psql()
            .args(["-b", "--single-transaction", "-o", "/dev/null", "-c", &empty, "-f"])
            .arg(&files.script);
        let result = self.run(cmd, processes, stop).await;
        files.forget()?;
        result.map(drop)
    }

    /// Whether the copy could come back: everything but the rows is removed and made again, and then none of that was done. Where others
    /// hold the tables nothing is known, and they are not kept waiting.
    pub(in crate::database) async fn prove(
        &self,
        backup: &Backup,
        processes: &Processes,
        stop: &CancellationToken,
    ) -> Result<(), Problem> {
        let (files, empty) = self.script(&backup.path, &["-s"], processes, stop).await?;
        let empty = format!("SET lock_timeout = '1s'; {empty}");
        let cmd = self
            .psql()
            // With the words that failed.
            .args(["-b", "-o", "/dev/null", "-c", "BEGIN", "-c", &empty, "-f"])
            .arg(&files.script)
            .args(["-c", "ROLLBACK"]);
        let result = self.run(cmd, processes, stop).await;
        files.forget()?;
        match result {
            Ok(_) => Ok(()),
            Err(problem) if problem.is_cancelled() => Err(problem),
            Err(problem) if problem.details.contains("lock timeout") => Ok(()),
            Err(problem) => Err(Problem::environment(msg!("database-no-way-back", database = self.url()))
                .code("no-way-back")
                .details(problem.details)
                .hint(msg!("database-no-way-back-hint"))),
        }
    }
}

/// What stands beside a copy while it comes back.
struct Files {
    list: PathBuf,
    script: PathBuf,
}

impl Files {
    fn forget(&self) -> Result<(), Problem> {
        crate::database::forget(&self.list).and(crate::database::forget(&self.script))
    }
}
