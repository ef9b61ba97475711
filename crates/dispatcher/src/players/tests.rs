use super::*;

fn players() -> Players {
    Players::new(Duration::from_secs(30), "aclAuth".into())
}

fn recognized(players: &Players, hook: HookName, fields: &str) -> Option<Player> {
    let app = App::new("a", "http://backend").unwrap();
    players.recognize(&app, &Method::Known(hook), fields.as_bytes())
}

fn player(token: &str) -> Player {
    Player { app: "a".into(), stream: "s".into(), token: token.into() }
}

#[test]
fn a_token_is_found_in_every_generation() {
    for (fields, token) in [
        (r#"{"name":"s","token":"1"}"#, Some("1")),
        (r#"{"name":"s","custom":{"token":"2"}}"#, Some("2")),
        (r#"{"name":"s","custom":{"aclAuth":"3","token":"2"}}"#, Some("3")),
        (r#"{"name":"s","custom":{"other":"4"}}"#, None),
        (r#"{"token":"1"}"#, None),
        ("{", None),
    ] {
        assert_eq!(recognized(&players(), HookName::PlayHls, fields), token.map(player), "{fields}");
    }
    let fields = r#"{"name":"s","token":"1"}"#;
    assert_eq!(recognized(&players(), HookName::PlayRtsp, fields), None);
    let none_kept = Players::new(Duration::ZERO, "aclAuth".into());
    assert_eq!(recognized(&none_kept, HookName::PlayHls, fields), None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_its_player_and_its_time() {
    let players = players();
    players.remember(player("1"), Outcome::Status(403));
    tokio::time::advance(Duration::from_secs(29)).await;
    assert_eq!(players.outcome(&player("1")), Some(Outcome::Status(403)));
    assert_eq!(players.outcome(&player("2")), None);
    assert_eq!(players.outcome(&Player { stream: "t".into(), ..player("1") }), None);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(players.outcome(&player("1")), None);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_most_are_remembered() {
    let players = players();
    for number in 0..=MOST {
        players.remember(player(&number.to_string()), Outcome::Accepted);
    }
    assert_eq!(players.outcome(&player("0")), Some(Outcome::Accepted));
    assert_eq!(players.outcome(&player(&MOST.to_string())), None);
    tokio::time::advance(Duration::from_secs(30)).await;
    players.remember(player("new"), Outcome::Accepted);
    assert_eq!(players.outcome(&player("new")), Some(Outcome::Accepted));
    assert_eq!(players.answers().len(), 1);
}
