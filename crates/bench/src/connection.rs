//! A raw keep-alive connection, which costs the measuring side little.

use std::io::{Error, ErrorKind, Result};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) struct Connection {
    socket: TcpStream,
    answer: Vec<u8>,
    /// How long the last 200 was: most answers of a server are alike, and then nothing is parsed.
    usual_length: usize,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, answer: Vec::with_capacity(8192), usual_length: 0 })
    }

    /// Sends a request and waits for the whole answer; gives its status.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.socket.write_all(request).await?;
        self.answer.clear();
        loop {
            if self.socket.read_buf(&mut self.answer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(status) = self.status_of_whole_answer()? {
                return Ok(status);
            }
        }
    }

    fn status_of_whole_answer(&mut self) -> Result<Option<u16>> {
        if self.answer.len() == self.usual_length && self.answer.starts_with(b"HTTP/1.1 200 ") {
            return Ok(Some(200));
        }
        let answer = parse(&self.answer)?.filter(|(_, length)| *length == self.answer.len());
        if let Some((200, length)) = answer {
            self.usual_length = length;
        }
        Ok(answer.map(|(status, _)| status))
    }
}

/// The status and the length of head and body, once the head is there.
fn parse(answer: &[u8]) -> Result<Option<(u16, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let head = response.parse(answer).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    let httparse::Status::Complete(head) = head else {
        return Ok(None);
    };
    let status = response.code.unwrap_or_default();
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    let no_length = || Error::new(ErrorKind::InvalidData, "an answer without a content-length");
    Ok(Some((status, head + length.ok_or_else(no_length)?)))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_as_long_as_its_head_says() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", None),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", Some((200, 40))),
            ("HTTP/1.1 503 Busy\r\na: b\r\ncontent-length: 0\r\n\r\n", Some((503, 46))),
        ] {
            assert_eq!(parse(answer.as_bytes()).unwrap(), expected, "{answer}");
        }
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(parse(b"what?\r\n\r\n").is_err());
    }
}
