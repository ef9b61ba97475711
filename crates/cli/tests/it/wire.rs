//! Raw HTTP over sockets, on both sides.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A backend that says what it is told to, byte for byte. It runs until the test process ends.
pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Backend {
    /// `answer` gives the whole answer to a request's text; where that has no body length, the connection is closed.
    pub(crate) fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (kept, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || serve(stream.unwrap(), &*answer, &kept));
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> String, kept: &Mutex<Vec<String>>) {
    while let Some(request) = read_message(&mut stream) {
        kept.lock().unwrap().push(request.clone());
        let answer = answer(&request);
        if stream.write_all(answer.as_bytes()).is_err() || !answer.contains("ontent-") {
            return;
        }
    }
}

/// The answer that echoes a request's body.
pub(crate) fn echo(request: &str) -> String {
    let body = body(request);
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An answer with a JSON body.
pub(crate) fn answer(status_line: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status_line}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// A request as WCS sends it.
pub(crate) fn hook(path: &str, more_headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: wcs\r\nContent-Type: application/json;charset=UTF-8\r\n\
         {more_headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// What stands behind the head.
pub(crate) fn body(message: &str) -> &str {
    message.split_once("\r\n\r\n").unwrap().1
}

/// Sends a request over a connection and reads the answer; `None` if the connection ends before it does.
pub(crate) fn exchange(stream: &mut TcpStream, request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).unwrap();
    read_message(stream)
}

/// A whole message with a `Content-Length`, or nothing.
fn read_message(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if is_whole(&text) {
            return Some(text);
        }
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}
