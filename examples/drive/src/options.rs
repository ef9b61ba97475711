//! What the command line says.

use std::{collections::BTreeMap, env};

use wcs_hooks_dispatcher::{App, Secret, Settings, payloads::Connection, status::MediaProvider};

pub(crate) const USAGE: &str = "\
usage: drive URL [OPTION VALUE]...
  --key SECRET          sign every call with it (rest_hook_secret_key)
  --basic USER:PASS     send them with every call (restUsername, restPassword)
  --app-key KEY         the app; default defaultApp
  --token TOKEN         the same as --custom token=TOKEN
  --custom NAME=VALUE   what the page gives to createSession; may be given several times
  --stream NAME         the stream to publish; default studio-1
  --play NAME           the stream to play; default the one that is published
  --call NUMBER         whom to call; default 1001";

/// The secrets and the session.
#[derive(Default)]
pub(crate) struct Options {
    key: Option<Secret>,
    custom: BTreeMap<String, String>,
    pub(crate) stream: String,
    pub(crate) play: String,
    pub(crate) callee: String,
}

impl Options {
    /// The options, and the app to call.
    pub(crate) fn read() -> Result<(Self, App), String> {
        let mut options = Self { stream: "studio-1".into(), callee: "1001".into(), ..Self::default() };
        let (mut url, mut app_key, mut basic) = (None, "defaultApp".to_owned(), None);
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            if !argument.starts_with('-') && url.is_none() {
                url = Some(argument);
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{argument} is unknown, or has no value"))?;
            match &*argument {
                "--app-key" => app_key = value,
                "--basic" => basic = Some(value),
                _ => options.set(&argument, value)?,
            }
        }
        if options.play.is_empty() {
            options.play.clone_from(&options.stream);
        }
        let url = url.ok_or("the URL of the backend is missing")?;
        let app = App::new(app_key, &url).map_err(|error| error.to_string())?;
        let Some(basic) = basic else { return Ok((options, app)) };
        let (user, password) = basic.split_once(':').ok_or("--basic takes USER:PASS")?;
        let app = app.with_credentials(user, &password.into()).map_err(|error| error.to_string())?;
        Ok((options, app))
    }

    fn set(&mut self, option: &str, value: String) -> Result<(), String> {
        match option {
            "--key" => self.key = Some(value.into()),
            "--token" => drop(self.custom.insert("token".to_owned(), value)),
            "--custom" => {
                let (name, value) = value.split_once('=').ok_or("--custom takes NAME=VALUE")?;
                self.custom.insert(name.to_owned(), value.to_owned());
            }
            "--stream" => self.stream = value,
            "--play" => self.play = value,
            "--call" => self.callee = value,
            _ => return Err(format!("{option} is unknown")),
        }
        Ok(())
    }

    /// WCS's defaults, and the signature if a key was given.
    pub(crate) fn settings(&self) -> Settings {
        Settings { hook_secret: self.key.clone(), ..Settings::default() }
    }

    /// A browser that connects.
    pub(crate) fn connection(&self) -> Connection {
        let custom = self.custom.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        Connection {
            media_providers: vec![MediaProvider::WebRtc],
            client_version: Some("2.0".to_owned()),
            origin: Some("https://localhost".to_owned()),
            custom: custom.collect(),
            ..Connection::default()
        }
    }
}
