use std::sync::{Arc, Mutex};

use http::{HeaderMap, Method, StatusCode};

use super::*;
use crate::commands::record::{
    draft::{Draft, DraftAnswer},
    sink,
};

/// A file whose disk may be full.
#[derive(Clone, Default)]
struct Disk {
    lines: Arc<Mutex<Vec<u8>>>,
    /// For how many writes there is no place.
    full_for: Arc<Mutex<usize>>,
}

impl Lines for Disk {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let mut full_for = self.full_for.lock().unwrap();
        if *full_for > 0 {
            *full_for -= 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.lines.lock().unwrap().extend(lines);
        Ok(())
    }
}

impl Disk {
    fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }
}

fn head() -> Head {
    Head { version: 1, started: 0, to: "http://h".to_owned() }
}

fn draft(path: &str, request: &[u8], answer: &[u8]) -> Draft {
    let headers = HeaderMap::new();
    let answer =
        DraftAnswer { status: StatusCode::OK, reason: None, headers, body: answer.into(), too_long: None };
    Draft {
        method: Method::POST,
        path: path.to_owned(),
        body: request.to_vec().into(),
        answer: Some(answer),
        ..Draft::default()
    }
}

#[test]
fn a_full_disk_loses_exchanges_and_no_lines() {
    let disk = Disk::default();
    let writer = Writer::begin(disk.clone(), &head(), Masks::default()).unwrap();
    *disk.full_for.lock().unwrap() = 1;
    let (sink, source) = sink::queue();
    sink.put(draft("/connect", b"{}", b"{}"));
    drop(sink);
    let written = writer.run(source, |_| ());
    assert_eq!((written.recorded, written.dropped), (0, 1));
    assert_eq!(written.problem.as_deref(), Some("no storage space"));
    assert!(disk.text().ends_with("}\n{\"dropped\":1}\n"), "{}", disk.text());
}

#[test]
fn no_secret_is_written() {
    const S: &str = "S3cret";
    let secrets = [
        r#"{"custom":{"token":"S3cret"}}"#,
        r#"{"authToken":"S3cret"}"#,
        r#"{"sipPassword":"S3cret","sipLogin":"a"}"#,
        r#"{"custom":{"aclAuth":"S3cret"}}"#,
        r#"{"sdp":"v=0 a=crypto S3cret"}"#,
        r#"{"name":"rtsp://me:S3cret@h/s"}"#,
        r#"{"name":"rtsp://h/s?access_key=S3cret&x=1"}"#,
        r#"{"list":[{"jwt":"S3cret"},["http://h#token=S3cret"]]}"#,
        r#"{"payload":"{\"password\":\"S3cret\"}"}"#,
        r#"{"token":{"deep":["S3cret"]}}"#,
        r#"["http://u:S3cret@h"]"#,
        r#""http://u:S3cret@h""#,
        "{\n  \"token\": \"S3cret\"\n}",
        r#"{"token":"S3cret""#,
        "token S3cret",
        "<html>S3cret</html>",
    ];
    for secret in secrets {
        let disk = Disk::default();
        let writer = Writer::begin(disk.clone(), &head(), Masks::default()).unwrap();
        let (sink, source) = sink::queue();
        let mut exchange = draft("/connect?token=S3cret", secret.as_bytes(), secret.as_bytes());
        for name in ["authorization", "proxy-authorization", "cookie", "x-auth-token", "set-cookie"] {
            exchange.headers.insert(name, S.parse().unwrap());
        }
        if let Some(answer) = &mut exchange.answer {
            answer.headers.insert("location", "http://h/?token=S3cret".parse().unwrap());
            answer.reason =
                Some(hyper::ext::ReasonPhrase::try_from("see http://h/?token=S3cret".to_owned()).unwrap());
        }
        exchange.failure = Some("http://me:S3cret@h failed".to_owned());
        sink.put(exchange);
        drop(sink);
        assert_eq!(writer.run(source, |_| ()).recorded, 1);
        assert!(!disk.text().contains(S), "{secret}: {}", disk.text());
        assert!(!disk.text().contains("UzNjcmV0"), "in base64: {secret}: {}", disk.text());
    }
}

#[test]
fn values_that_are_equal_are_seen_to_be() {
    let disk = Disk::default();
    let writer = Writer::begin(disk.clone(), &head(), Masks::default()).unwrap();
    let (sink, source) = sink::queue();
    for token in ["a", "b", "a"] {
        let body = format!(r#"{{"token":"{token}","n":1e0}}"#);
        sink.put(draft("/app/connect", body.as_bytes(), body.as_bytes()));
    }
    drop(sink);
    writer.run(source, |_| ());
    let text = disk.text();
    let lines: Vec<_> = text.lines().skip(1).collect();
    for (line, name) in lines.iter().zip(["***1", "***2", "***1"]) {
        assert_eq!(
            line.matches(&format!(r#""body":{{"json":{{"token":"{name}","n":1e0}}}}"#)).count(),
            2,
            "{line}"
        );
        assert!(line.contains(r#""hook":"connect""#), "{line}");
    }
}

/// Behind half a line that a full disk has left, the next lines follow where it began.
#[test]
fn half_a_line_is_taken_back() {
    let file = tempfile::tempfile().unwrap();
    let mut other = file.try_clone().unwrap();
    let mut lines = LinesOfFile::new(file);
    lines.append(b"one\n").unwrap();
    other.write_all(b"tw").unwrap();
    lines.shorten().unwrap();
    lines.append(b"three\n").unwrap();
    other.seek(SeekFrom::Start(0)).unwrap();
    assert_eq!(io::read_to_string(other).unwrap(), "one\nthree\n");
}
