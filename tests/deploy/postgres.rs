//! The same with a real PostgreSQL, started for the test on loopback as a user without rights, with a password that nothing may show.

use super::bench::{Bench, free_port, version_at};
use super::faults::{kill_during, text_of};
use crate::support::engine::missing;
use chantier::areas::deploy::StepName;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub(crate) const PASSWORD: &str = "correct-horse-battery-staple";
/// nobody of Debian: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;

/// A server that ends with the test.
pub(crate) struct Cluster {
    pub(crate) port: u16,
    server: Child,
    folder: tempfile::TempDir,
}

/// Where Debian keeps the programs of the server.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let found = versions.map(|version| version.path().join("bin"));
    found.filter(|bin| bin.join("initdb").exists()).max()
}

impl Cluster {
    /// None, loudly, where there is no PostgreSQL.
    pub(crate) fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            missing("postgresql", "there is no PostgreSQL");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let is_root = folder.path().metadata().unwrap().uid() == 0;
        if is_root {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let run = |program: &str| {
            let program = bin.join(program);
            let mut command = Command::new("setpriv");
            if is_root {
                command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            }
            command.args(["--pdeathsig", "INT", "--"]).arg(program);
            command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
            command
        };
        let secret = folder.path().join("password");
        std::fs::write(&secret, PASSWORD).unwrap();
        let data = folder.path().join("data");
        let made = run("initdb")
            .args(["-N", "-U", "shop", "-A", "scram-sha-256", "--pwfile"])
            .arg(&secret)
            .arg("-D")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        std::fs::remove_file(&secret).unwrap();
        let port = free_port();
        let server = run("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut cluster = Self { port, server, folder };
        while !cluster.psql("postgres", "SELECT 1").status.success() {
            assert_eq!(cluster.server.try_wait().unwrap(), None, "the server runs");
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
        assert!(cluster.psql("postgres", "CREATE DATABASE shop").status.success());
        Some(cluster)
    }

    fn psql(&self, database: &str, sql: &str) -> Output {
        Command::new("psql")
            .args([
                "-X",
                "-w",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                "shop",
            ])
            .args(["-p", &self.port.to_string(), "-d", database, "-c", sql])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .unwrap()
    }

    pub(crate) fn ask(&self, sql: &str) -> String {
        let output = self.psql("shop", sql);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Everything that stands in it, as the server's own program writes it.
    pub(crate) fn dump(&self) -> String {
        let output = Command::new("pg_dump")
            .args([
                "-w",
                "-h",
                "127.0.0.1",
                "-U",
                "shop",
                "-p",
                &self.port.to_string(),
                "-d",
                "shop",
                "--inserts",
            ])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // Newer programs put a random word around it.
        let is_same = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
        text.lines().filter(is_same).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = self.server.id().to_string();
        drop(Command::new("kill").args(["-INT", &pid]).status());
        drop(self.server.wait());
        let _ = &self.folder;
    }
}

/// The lines of the environment, and what the version's migration is.
pub(crate) fn database(cluster: &Cluster, script: &Path) -> String {
    format!(
        "database = {{ kind = \"postgres\", port = {}, name = \"shop\", user = \"shop\", password = \"env:SHOP_PASSWORD\", \
         migrate = [\"psql\", \"-X\", \"-q\", \"-v\", \"ON_ERROR_STOP=1\", \"-v\", \"version={{version}}\", \"-f\", \"{}\"] }}",
        cluster.port,
        script.display()
    )
}

/// In pieces that are kept each for itself, as bad migrations are; the last one fails for the version 3.0.0.
pub(crate) const MIGRATION: &str = r"
CREATE TABLE IF NOT EXISTS needs (version text);
CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, what text NOT NULL, at timestamptz DEFAULT now());
DELETE FROM needs;
INSERT INTO needs VALUES ('half of ' || :'version');
SELECT :'version' <> '1.0.0' AS is_newer, :'version' = '3.0.0' AS is_bad \gset
\if :is_newer
  ALTER TABLE orders ADD COLUMN IF NOT EXISTS price double precision;
  CREATE INDEX IF NOT EXISTS by_price ON orders (price);
  CREATE TYPE state AS ENUM ('open', 'paid');
  CREATE TABLE payments (id serial, state state);
  CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM payments';
  INSERT INTO payments (state) VALUES ('open'), ('paid');
  DELETE FROM orders WHERE id % 7 = 0;
\endif
\if :is_bad
  SELECT no_such_column FROM orders;
\endif
UPDATE needs SET version = :'version';
";

pub(crate) fn bench(cluster: &Cluster) -> Bench {
    let scripts = cluster.folder.path().join("migrate.sql");
    std::fs::write(&scripts, MIGRATION).unwrap();
    let mut bench = Bench::made("", &database(cluster, &scripts), "", "2s");
    bench.release("1.0.0", "good");
    bench.close();
    bench
}

impl Bench {
    /// The program, which knows where the password is.
    pub(crate) fn knowing(&self, words: &[&str]) -> Output {
        self.program(words).env("SHOP_PASSWORD", PASSWORD).output().unwrap()
    }

    #[track_caller]
    pub(crate) fn well(&self, words: &[&str]) -> String {
        let output = self.knowing(words);
        assert!(output.status.success(), "{words:?}: {}", text_of(&output));
        text_of(&output)
    }
}

/// Below this folder nothing holds the password.
pub(crate) fn no_secret_below(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            no_secret_below(&path);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let is_there = bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
            assert!(!is_there, "{}", path.display());
        }
    }
}

#[test]
fn postgresql_goes_back_with_every_row_and_keeps_its_secret() {
    let Some(cluster) = Cluster::start() else { return };
    let mut bench = bench(&cluster);
    bench.well(&["deploy", "run", "staging", "1.0.0"]);
    cluster.ask("INSERT INTO orders (what) SELECT 'order ' || n FROM generate_series(1, 500) n");
    cluster.ask("CREATE VIEW newest AS SELECT * FROM orders ORDER BY id DESC LIMIT 3; CREATE SCHEMA archive; CREATE TABLE archive.old AS SELECT 1 AS n");
    let before = cluster.dump();

    // A migration that fails in the middle.
    bench.open();
    for (version, mode) in [("2.0.0", "good"), ("3.0.0", "good"), ("4.0.0", "broken")] {
        bench.release(version, mode);
    }
    bench.close();
    let output = bench.knowing(&["deploy", "run", "staging", "3.0.0"]);
    let said = text_of(&output);
    assert!(!output.status.success() && said.contains("no_such_column"), "{said}");
    assert_eq!(cluster.dump(), before);
    // A version that is not healthy.
    let output = bench.knowing(&["deploy", "run", "staging", "4.0.0"]);
    assert!(!output.status.success(), "{}", text_of(&output));
    assert_eq!(cluster.dump(), before, "tables, types, functions, views, indexes and rows");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));

    // There and back, and what was written meanwhile is told by table.
    bench.well(&["deploy", "run", "staging", "2.0.0"]);
    assert_eq!(cluster.ask("SELECT version || total() FROM needs"), "2.0.02");
    bench.well(&["deploy", "rollback", "staging"]);
    assert_eq!(cluster.dump(), before);
    bench.well(&["deploy", "run", "staging", "2.0.0"]);
    cluster.ask("INSERT INTO payments (state) VALUES ('paid')");
    let output = bench.knowing(&["deploy", "rollback", "staging"]);
    let said = text_of(&output);
    assert!(
        said.contains("public.payments  2 → 3") && said.contains("--keep-data"),
        "{said}"
    );
    bench.well(&["deploy", "rollback", "staging", "--restore-data"]);
    assert_eq!(cluster.dump(), before);
    let history = bench.well(&["deploy", "history"]);
    assert!(history.contains("502 rows of 3 tables"), "{history}");

    // Without the password nothing is begun.
    let output = bench.program(&["deploy", "run", "staging", "2.0.0"]).output().unwrap();
    assert!(text_of(&output).contains("SHOP_PASSWORD"), "{}", text_of(&output));
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    no_secret_below(&bench.home());
    bench.open();
    bench.audit_holds();
}

/// Nothing of a table's rows is changed by the second version.
const WORDS_ALONE: &str = r#"
SELECT :'version' = '1.0.0' AS is_first \gset
\if :is_first
  CREATE COLLATION plain FROM "C";
  CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
  CREATE TABLE events (day int) PARTITION BY RANGE (day);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
  CREATE TABLE orders (id serial PRIMARY KEY, state varchar(9) DEFAULT 'open' CHECK (state IN ('open', 'paid')));
  CREATE FUNCTION vat() RETURNS int LANGUAGE sql AS 'SELECT 20';
  SELECT lo_from_bytea(4711, 'a picture');
  INSERT INTO events VALUES (3);
  INSERT INTO orders DEFAULT VALUES;
\else
  CREATE OR REPLACE FUNCTION vat() RETURNS int LANGUAGE sql AS 'SELECT 25';
  SELECT nextval('orders_id_seq');
\endif
"#;

#[test]
fn what_a_migration_changes_beside_the_rows_comes_back() {
    let Some(cluster) = Cluster::start() else { return };
    let scripts = cluster.folder.path().join("migrate.sql");
    std::fs::write(&scripts, WORDS_ALONE).unwrap();
    let mut bench = Bench::made("", &database(&cluster, &scripts), "", "2s");
    bench.release("1.0.0", "good");
    bench.release("2.0.0", "broken");
    bench.close();
    bench.well(&["deploy", "run", "staging", "1.0.0"]);
    assert_eq!(cluster.ask("SELECT vat()"), "20");
    let output = bench.knowing(&["deploy", "run", "staging", "2.0.0"]);
    let said = text_of(&output);
    assert!(
        !output.status.success() && said.contains("as before, sums compared"),
        "{said}"
    );
    let now = "SELECT vat() || ' ' || last_value || ' ' || convert_from(lo_get(4711), 'UTF8') FROM orders_id_seq";
    assert_eq!(cluster.ask(now), "20 1 a picture");
    assert_eq!(cluster.ask("SELECT count(*) FROM events"), "1");
    bench.open();
}

/// As most are in production: the database, an extension and the schema's owner belong to an administrator.
#[test]
fn a_role_that_owns_neither_the_database_nor_an_extension_goes_back() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.ask(&format!("CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'"));
    cluster.ask("CREATE EXTENSION citext; CREATE SCHEMA app AUTHORIZATION app; ALTER ROLE app SET search_path = app, public");
    let scripts = cluster.folder.path().join("migrate.sql");
    let migration = r"
SELECT :'version' = '1.0.0' AS is_first \gset
\if :is_first
  CREATE TABLE orders (id serial PRIMARY KEY, name citext);
  INSERT INTO orders (name) VALUES ('a'), ('b');
\else
  DELETE FROM orders;
\endif
";
    std::fs::write(&scripts, migration).unwrap();
    let lines = database(&cluster, &scripts).replace("user = \"shop\"", "user = \"app\"");
    let mut bench = Bench::made("", &lines, "", "2s");
    bench.release("1.0.0", "good");
    bench.release("2.0.0", "broken");
    bench.close();
    bench.well(&["deploy", "run", "staging", "1.0.0"]);
    let output = bench.knowing(&["deploy", "run", "staging", "2.0.0"]);
    let said = text_of(&output);
    assert!(
        !output.status.success() && said.contains("as before, sums compared"),
        "{said}"
    );
    assert_eq!(cluster.ask("SELECT count(*) FROM app.orders"), "2");
    // What belongs to somebody else and could not be made again: nothing is changed, and it is told before.
    cluster.ask("CREATE PUBLICATION theirs FOR TABLE app.orders");
    let output = bench.knowing(&["deploy", "run", "staging", "2.0.0"]);
    let said = text_of(&output);
    assert!(!output.status.success() && said.contains("could not be put back"), "{said}");
    assert!(said.contains("CREATE PUBLICATION theirs"), "{said}");
    assert_eq!(cluster.ask("SELECT count(*) FROM app.orders"), "2");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.open();
}

#[test]
fn postgresql_and_version_go_together_after_a_kill() {
    let Some(cluster) = Cluster::start() else { return };
    let mut bench = bench(&cluster);
    bench.well(&["deploy", "run", "staging", "1.0.0"]);
    cluster.ask("INSERT INTO orders (what) SELECT 'order ' || n FROM generate_series(1, 500) n");
    let before = cluster.dump();
    for (i, (step, state)) in [
        (StepName::Backup, "in_progress"),
        (StepName::Migrate, "in_progress"),
        (StepName::Migrate, "done"),
        (StepName::PutBack, "in_progress"),
        (StepName::PutBack, "done"),
    ]
    .into_iter()
    .enumerate()
    {
        let version = format!("2.0.{i}");
        bench.open();
        bench.release(&version, "broken");
        let words = ["deploy", "run", "staging", version.as_str(), "--events"];
        kill_during(&mut bench, &words, &[("SHOP_PASSWORD", PASSWORD)], step, state);
        bench.close();
        bench.well(&["deploy", "recover"]);
        assert_eq!(cluster.dump(), before, "{step:?} {state}");
        assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"), "{step:?} {state}");
        assert_eq!(bench.processes().len(), 1);
    }
    bench.open();
}
