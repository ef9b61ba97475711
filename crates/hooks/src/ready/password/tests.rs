use serde_json::{Value, json};

use super::*;
use crate::{
    Hooks,
    ready::{
        ConfigError,
        testing::{TempFile, Wcs},
    },
};

/// Cheap hashes of `alice-pw` and `bob-pw`, made with another implementation.
const USERS: &str = include_str!("tests/users.txt");

fn auth() -> PasswordAuth {
    PasswordAuth::new(USERS.parse().unwrap())
}

fn connect(login: &str, password: &str) -> Value {
    json!({"nodeId": "n", "appKey": "defaultApp", "sessionId": "s", "custom": {"login": login, "password": password}})
}

#[tokio::test]
async fn a_client_is_let_in_by_its_password_and_an_unknown_one_is_told_the_same_as_a_wrong_one() {
    let wcs = Wcs::with(Hooks::new(auth()));
    let cases = [
        (connect("alice", "alice-pw"), 200, ""),
        (connect("bob", "bob-pw"), 200, ""),
        (connect("alice", "bob-pw"), 401, "wrong login or password"),
        (connect("alice", ""), 401, "wrong login or password"),
        (connect("Alice", "alice-pw"), 401, "wrong login or password"),
        (connect("mallory", "alice-pw"), 401, "wrong login or password"),
        (connect("mallory", "bob-pw"), 401, "wrong login or password"),
        (connect("", ""), 401, "wrong login or password"),
        (json!({"custom": {"login": "alice"}}), 401, "no password"),
        (json!({"custom": {"password": "alice-pw"}}), 401, "no password"),
        (json!({"custom": {"login": "alice", "password": 1}}), 401, "no password"),
        (json!({"login": "alice", "password": "alice-pw"}), 401, "no password"),
    ];
    for (body, status, reason) in cases {
        assert_eq!(wcs.told("connect", &body).await, (status, reason.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn the_answer_is_the_echo_and_the_login_only_if_that_was_asked_for() {
    let body = json!({"sessionId": "s", "login": "r4nd0m", "custom": {"user": "alice", "pass": "alice-pw"}});
    let auth = auth().keys("user", "pass");
    for (auth, login) in [(auth.clone(), "r4nd0m"), (auth.login_from_user(), "alice")] {
        let (status, answer) = Wcs::with(Hooks::new(auth)).send("connect", &body).await;
        assert_eq!((status, &answer["login"], &answer["custom"]), (200, &json!(login), &body["custom"]));
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_for_a_turn_is_sent_away_and_a_turn_comes_back() {
    let auth = auth().max_concurrent(NonZero::<usize>::MIN).wait_at_most(Duration::from_secs(2));
    let wcs = Wcs::with(Hooks::new(auth.clone()));
    let body = connect("alice", "alice-pw");
    let taken = Arc::clone(&auth.turns).acquire_owned().await.unwrap();
    let started = tokio::time::Instant::now();
    assert_eq!(wcs.told("connect", &body).await, (429, "too many logins at once".to_owned()));
    assert_eq!(started.elapsed().as_secs(), 2);
    drop(taken);
    for _ in 0..3 {
        assert_eq!(wcs.told("connect", &body).await.0, 200);
    }
    assert_eq!(auth.turns.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn by_default_it_is_told_before_the_hook_s_deadline() {
    let auth = auth().max_concurrent(NonZero::<usize>::MIN);
    let wcs = Wcs::with(Hooks::new(auth.clone()));
    let _taken = Arc::clone(&auth.turns).acquire_owned().await.unwrap();
    let told = wcs.told("connect", &connect("alice", "alice-pw")).await;
    assert_eq!(told, (429, "too many logins at once".to_owned()));
}

/// What a larger hash left in the blocks is nothing to a smaller one.
#[test]
fn blocks_that_were_used_make_the_same_hashes() {
    let users: PasswordFile = USERS.parse().unwrap();
    let mut blocks = Vec::new();
    for (user, password, is_right) in [
        ("alice", "alice-pw", true),
        ("bob", "bob-pw", true),
        ("alice", "alice-pw", true),
        ("alice", "bob-pw", false),
        ("bob", "bob-pw", true),
    ] {
        assert_eq!(users.verify_in(&mut blocks, user, &password.into()), is_right, "{user} {password}");
    }
    assert_eq!(blocks.len(), 128);
}

#[tokio::test]
async fn the_log_has_names_of_users_and_nothing_else_that_was_typed() {
    let told_log = async |login: &str, password: &str| {
        let mut connection = Connection::default();
        connection.custom.insert("login".to_owned(), login.into());
        connection.custom.insert("password".to_owned(), password.into());
        auth().admit(&mut connection).await.unwrap_err().to_string()
    };
    let known = "401 wrong login or password (the password of \"alice\" is another)";
    assert_eq!(told_log("alice", "hunter2").await, known);
    assert_eq!(told_log("hunter2", "hunter2").await, "401 wrong login or password (nobody has this login)");
}

/// The hash that a password is held against decides how much work it is.
#[test]
fn an_unknown_user_is_as_much_work_as_a_known_one() {
    let users: PasswordFile = USERS.parse().unwrap();
    let (alice, is_known) = users.hash_for("alice");
    assert!(is_known && users.verify("alice", &"alice-pw".into()));
    for stranger in ["mallory", "eve", ""] {
        let (stand_in, is_known) = users.hash_for(stranger);
        assert!(!is_known && (stand_in == alice || stand_in == users.hash_for("bob").0), "{stranger}");
        assert!(users.hash_for(stranger).0 == stand_in, "another one each time gives strangers away");
        assert!(!users.verify(stranger, &"alice-pw".into()) && !users.verify(stranger, &"bob-pw".into()));
    }
}

#[test]
fn a_mistaken_file_is_an_error_that_names_file_and_line() {
    let hash = USERS.lines().find_map(|line| line.strip_prefix("alice:")).unwrap();
    let bad_hash = "not a hash of argon2 ($argon2id$v=19$m=…,t=…,p=…$salt$hash): make one with `PasswordFile::hash_line`";
    let greedy = hash.replace("m=64", "m=1048577");
    let other = hash.replace("argon2id", "scrypt");
    let cut = hash.rsplit_once('$').unwrap().0;
    #[rustfmt::skip]
    let cases = [
        ("\n# nobody\n".to_owned(), "FILE: it has no users".to_owned()),
        ("alice".to_owned(), "FILE line 1: it is not user:hash".to_owned()),
        ("\n\nalice:secret".to_owned(), format!("FILE line 3: {bad_hash}")),
        (format!("alice:{other}"), format!("FILE line 1: {bad_hash}")),
        (format!("alice:{cut}"), format!("FILE line 1: {bad_hash}")),
        (format!("alice:{greedy}"), "FILE line 1: its hash asks for more than 1 GiB of memory (m=1048576)".to_owned()),
        (format!(" :{hash}"), "FILE line 1: the user's name is empty".to_owned()),
        (format!("alice:{hash}\nbob:{hash}\nalice:{hash}"), "FILE line 3: this user stands in a line above too".to_owned()),
    ];
    for (text, expected) in cases {
        let file = TempFile::new("users.txt", &text);
        let error = PasswordFile::read(&file.0).unwrap_err().to_string();
        assert_eq!(error.replace(file.0.to_str().unwrap(), "FILE"), expected);
    }
    let missing = PasswordFile::read("/nowhere/users.txt").unwrap_err();
    assert_eq!(missing.place(), "/nowhere/users.txt");
}

#[test]
fn a_line_that_was_made_is_read_again() {
    let file = TempFile::new("made.txt", &PasswordFile::hash_line("Zoë Müller", &"pässword".into()).unwrap());
    let users = PasswordFile::read(&file.0).unwrap();
    assert!(
        users.verify("Zoë Müller", &"pässword".into()) && !users.verify("Zoë Müller", &"password".into())
    );
    assert_eq!(format!("{users:?}"), "PasswordFile { users: 1, .. }");

    let refused = |user: &str, password: &str| -> ConfigError {
        PasswordFile::hash_line(user, &password.into()).unwrap_err()
    };
    for user in ["", "a:b", "#a", " a", "a ", "a\nb", "a\0"] {
        assert_eq!(refused(user, "x").place(), format!("user {user:?}"));
    }
    assert_eq!(refused("alice", "").to_string(), r#"user "alice": the password is empty"#);
}
