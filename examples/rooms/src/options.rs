//! What the command line says beside the flags of every backend.

use std::{env, net::SocketAddr};

use wcs_hooks_rest_client::{BuildError, RestClient};

use crate::rooms::Limits;

pub(crate) const USAGE: &str = "\
usage: rooms [--config FILE] [--listen ADDRESS] [OPTION]...
  --page ADDRESS        where the page is; default 127.0.0.1:8082
  --node ADDRESS=URL    where the REST API of a WCS is, by the address in its nodeId; may be given several
                        times; without any: 127.0.0.1=http://127.0.0.1:8888, the simulator
  --rest-port PORT      that of all other WCS servers, at the address in their nodeId; without it, they are not asked
  --limit NAME=NUMBER   rooms, sessions, participants, rooms-of-session, streams-of-session, name-bytes,
                        text-bytes, waiting-messages
  --token LOGIN         print a token for this login, and end
  --vendor-fixtures     refuse what the vendor's tests want refused
environment: WCS_HOOKS_SECRET, JWT_SECRET, WCS_REST_USER, WCS_REST_PASSWORD";

/// Addresses, limits, and whether it is for the vendor's tests.
pub(crate) struct Options {
    pub(crate) page: SocketAddr,
    pub(crate) limits: Limits,
    pub(crate) has_vendor_fixtures: bool,
    /// For whom a token is wanted.
    pub(crate) token: Option<String>,
    nodes: Vec<(String, String)>,
    rest_port: Option<u16>,
}

impl Options {
    /// From what `Arguments` has left.
    pub(crate) fn read(given: Vec<String>) -> Result<Self, String> {
        let mut options = Self {
            page: SocketAddr::from(([127, 0, 0, 1], 8082)),
            limits: Limits::default(),
            has_vendor_fixtures: false,
            token: None,
            nodes: Vec::new(),
            rest_port: None,
        };
        let mut given = given.into_iter();
        while let Some(flag) = given.next() {
            if flag == "--vendor-fixtures" {
                options.has_vendor_fixtures = true;
                continue;
            }
            let value = given.next().ok_or_else(|| format!("{flag} is unknown, or has no value"))?;
            options.set(&flag, &value).map_err(|problem| format!("{flag} {problem}"))?;
        }
        if options.nodes.is_empty() && options.rest_port.is_none() {
            options.nodes.push(("127.0.0.1".to_owned(), "http://127.0.0.1:8888".to_owned()));
        }
        Ok(options)
    }

    fn set(&mut self, flag: &str, value: &str) -> Result<(), &'static str> {
        let pair = || value.split_once('=').ok_or("needs a = in its value");
        match flag {
            "--page" => self.page = value.parse().map_err(|_| "needs an IP address and a port")?,
            "--node" => self.nodes.push(pair().map(|(node, url)| (node.to_owned(), url.to_owned()))?),
            "--token" => self.token = Some(value.to_owned()),
            "--rest-port" => self.rest_port = Some(value.parse().map_err(|_| "needs a port")?),
            "--limit" => {
                let (name, number) = pair()?;
                let limit = self.limits.named(name).ok_or("needs one of the names below")?;
                let number = number.parse().ok().filter(|number| *number > 0);
                *limit = number.ok_or("needs a number of at least 1")?;
            }
            _ => return Err("is unknown"),
        }
        Ok(())
    }

    pub(crate) fn rest_client(&self) -> Result<RestClient, BuildError> {
        // If WCS knows some sessions of a command and others not, it is unknown whom it tells: nobody should be told twice.
        let mut builder = RestClient::builder().sessions_per_command(1).concurrency(64);
        for (node, url) in &self.nodes {
            builder = builder.node(node, url);
        }
        builder = match self.rest_port {
            Some(port) => builder.port(port),
            None => builder.only_mapped_nodes(),
        };
        match (env::var("WCS_REST_USER"), env::var("WCS_REST_PASSWORD")) {
            (Ok(user), Ok(password)) => builder = builder.credentials(user, password),
            (Err(_), Err(_)) => {}
            _ => {
                eprintln!("WARNING: no credentials for WCS: WCS_REST_USER and WCS_REST_PASSWORD go together");
            }
        }
        builder.build()
    }
}
