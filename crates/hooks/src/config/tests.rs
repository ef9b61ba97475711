use super::*;

/// The example that users copy has every key with its default.
const EXAMPLE: &str = include_str!("../../../../docs/wcs-hooks.toml");

fn error(text: &str) -> String {
    Config::parse(text, "f.toml").unwrap_err().to_string()
}

fn with(given: &[&str]) -> Result<Config, ConfigError> {
    Arguments::take(given.iter().map(|&argument| argument.to_owned()))
        .and_then(|(arguments, _)| arguments.config())
}

#[test]
fn the_documented_file_has_the_defaults() {
    let documented = Config::parse(EXAMPLE, "docs/wcs-hooks.toml").unwrap();
    assert!(documented.backend.callers.is_none(), "a secret that can be copied is none");
    assert_eq!(documented.to_table(), Config::default().to_table());
    let keys = EXAMPLE.parse::<toml::Table>().unwrap();
    for (part, settings) in Config::default().to_table() {
        let given = keys.get(&part).unwrap_or_else(|| panic!("{part} is missing"));
        assert_eq!(
            given.as_table().map(toml::Table::len),
            settings.as_table().map(toml::Table::len),
            "{part}"
        );
    }
}

/// systemd would kill it in the drain.
#[test]
fn the_unit_waits_for_the_end_of_the_drain() {
    let unit = include_str!("../../../../docs/deploy/wcs-hooks.service");
    let waits = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap();
    let server = Config::default().server;
    assert!(waits.parse::<u64>().unwrap() > (server.drain_delay + server.drain_timeout).as_secs());
}

#[test]
fn mistakes_are_named_by_file_line_and_key_without_a_value() {
    for (text, expected) in [
        (
            "\n[server]\nconections = 5",
            "f.toml, line 3: server.conections: unknown field `conections`, expected one of",
        ),
        ("limit = 5", "f.toml, line 1: limit: unknown field `limit`, expected one of"),
        (
            "[callers]\nsigned = 'top-secret'",
            "f.toml, line 2: callers.signed: invalid type: a string, expected a sequence",
        ),
        ("[callers]\n\nsigned = ['']", "f.toml, line 1: callers: a signing key is missing or empty"),
        (
            "[deadlines]\nevents = 'top-secret'",
            "f.toml, line 2: deadlines.events: invalid value: a string, expected a duration",
        ),
        ("a = 1\n'top-secret'", "f.toml, line 2: "),
        ("[server]\nlisten = ['here']", "f.toml, line 2: server.listen: \"here\" is neither HOST:PORT"),
        ("[hooks.nothing]\ndeadline = '1s'", "f.toml, line 1: hooks"),
    ] {
        let error = error(text);
        assert!(error.starts_with(expected) && !error.contains("top-secret"), "{error}");
    }
    assert!(
        with(&["--config", "/nowhere.toml"])
            .unwrap_err()
            .to_string()
            .starts_with("/nowhere.toml: No such file")
    );
}

#[test]
fn flags_count_before_the_file_and_say_so_when_they_are_mistaken() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let config_file = file("hooks.toml", "[server]\nconnections = 5\nhead_timeout = '3s'\n");
    let key = format!("callers.signed={}", file("key", "first\nsecond\n"));
    let config =
        with(&["--config", &config_file, "--set", "server.connections=6", "--set-file", &key]).unwrap();
    assert_eq!((config.server.connections, config.server.head_timeout.as_secs()), (6, 3));
    assert_eq!(config.to_toml().matches("[hidden]").count(), 2);
    // A number is a secret too, and an address a list of one.
    assert!(with(&["--set", "callers.signed=1234567890", "--listen", "[::1]:80"]).is_ok());
    for (given, expected) in [
        (["--set", "server.connections=top-secret"], "the flags: server.connections: "),
        (["--set", "server.nothing=1"], "the flags: server.nothing: unknown field"),
        (["--set", "server.connections"], "--set: KEY=VALUE is expected"),
        (["--check", "--config"], "--config: its value is missing"),
    ] {
        let error = with(&given).unwrap_err().to_string();
        assert!(error.starts_with(expected) && !error.contains("top-secret"), "{error}");
    }
}

#[test]
fn variables_name_keys() {
    let value = |name| overrides::Override::variable(name, "7").map(|value| value.unwrap().key.join("."));
    assert_eq!(value("WCS_HOOKS__SERVER__CONNECTIONS").as_deref(), Some("server.connections"));
    assert_eq!(value("WCS_HOOKS_SECRET"), None);
    let missing =
        overrides::Override::variable("WCS_HOOKS_FILE__CALLERS__SIGNED", "/nowhere").unwrap().err().unwrap();
    assert!(
        missing
            .to_string()
            .starts_with("the variable WCS_HOOKS_FILE__CALLERS__SIGNED: callers.signed: /nowhere: ")
    );
    let config = read::Sources::default()
        .over([overrides::Override::variable("WCS_HOOKS__LIMITS__HOOKS", "7").unwrap().unwrap()])
        .read();
    assert_eq!(config.unwrap().backend.limits.hooks, 7);
}
