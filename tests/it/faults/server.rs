//! A server in this process.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::{runtime::Handle, sync::Notify, task::JoinHandle};
use wcs_hooks::{
    AllowAll, Backend, Callers, Drained, Hooks, Listen, Server, ServerCounts, ServerHandle, ServerSettings,
    Settings, hook, payloads::Stream,
};

use super::raw::{Raw, soon, until};

/// What the handlers have done.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Inner>);

#[derive(Default)]
struct Inner {
    published: AtomicUsize,
    playing: AtomicUsize,
    plays: Notify,
}

/// Is dropped when the handler is cancelled.
pub(crate) struct Playing(Seen);

impl Drop for Playing {
    fn drop(&mut self) {
        self.0.0.playing.fetch_sub(1, SeqCst);
    }
}

impl Seen {
    fn publish(&self) -> usize {
        self.0.published.fetch_add(1, SeqCst) + 1
    }

    /// A handler has begun that is to be waited for.
    pub(crate) fn play(&self) -> Playing {
        self.0.playing.fetch_add(1, SeqCst);
        self.0.plays.notify_one();
        Playing(self.clone())
    }

    /// How often the handler of `publishStream` has run.
    pub(crate) fn published(&self) -> usize {
        self.0.published.load(SeqCst)
    }

    /// How many handlers of `playStream` are running.
    pub(crate) fn playing(&self) -> usize {
        self.0.playing.load(SeqCst)
    }

    /// Until the handler of `playStream` has begun.
    pub(crate) async fn plays(&self) {
        soon("a handler that begins", self.0.plays.notified()).await;
    }
}

/// `publishStream` numbers its streams, `playStream` never ends, `pushLogs` panics.
pub(crate) fn hooks(seen: &Seen) -> Hooks {
    let (published, played) = (seen.clone(), seen.clone());
    Hooks::new(AllowAll)
        .on(hook::PublishStream, move |_, mut stream: Stream| {
            let number = published.publish();
            async move {
                stream.name = format!("{}-{number}", stream.name);
                Ok(stream)
            }
        })
        .on(hook::PlayStream, move |_, _| {
            let playing = played.play();
            async move {
                let _playing = playing;
                pending().await
            }
        })
        .on(hook::PushLogs, async |_, _| panic!("as the test wants it"))
}

/// Anyone may call, and each call is handled, be it the same again.
pub(crate) fn anyone() -> Settings {
    let mut settings = Settings::default();
    settings.duplicates.within = Duration::ZERO;
    settings.callers = Some(Callers::anyone());
    settings
}

/// On a free port, and short of patience.
pub(crate) fn impatient() -> ServerSettings {
    let mut settings = here();
    settings.head_timeout = Duration::from_millis(200);
    settings.body_timeout = Duration::from_millis(200);
    settings.idle_timeout = Duration::from_millis(200);
    settings.drain_timeout = Duration::from_millis(200);
    settings
}

/// On a free port.
pub(crate) fn here() -> ServerSettings {
    let mut settings = ServerSettings::default();
    settings.listen = vec!["127.0.0.1:0".parse().unwrap()];
    settings
}

/// Times that no test waits for.
pub(crate) fn patient(mut settings: ServerSettings) -> ServerSettings {
    settings.idle_timeout = Duration::from_mins(10);
    settings.head_timeout = Duration::from_mins(10);
    settings
}

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) handle: ServerHandle,
    pub(crate) backend: Backend,
    pub(crate) seen: Seen,
    tasks_before: usize,
    running: JoinHandle<Drained>,
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

impl Served {
    pub(crate) fn start(server: ServerSettings) -> Self {
        Self::start_with(server, anyone())
    }

    pub(crate) fn start_with(server: ServerSettings, settings: Settings) -> Self {
        let seen = Seen::default();
        Self::start_of(hooks(&seen), seen, server, settings)
    }

    pub(crate) fn start_of(hooks: Hooks, seen: Seen, server: ServerSettings, settings: Settings) -> Self {
        let tasks_before = tasks();
        let backend = Backend::builder(hooks).settings(settings).build().unwrap();
        let listening = Server::new(backend.clone()).settings(server).bind().unwrap();
        let Listen::Tcp(address) = listening.addresses()[0] else { panic!("it listens to TCP") };
        let handle = listening.handle();
        let running = tokio::spawn(listening.run_until(pending()));
        Self { address, handle, backend, seen, tasks_before, running }
    }

    pub(crate) async fn connect(&self) -> Raw {
        Raw::connect(self.address).await
    }

    pub(crate) fn counts(&self) -> ServerCounts {
        self.handle.counts()
    }

    /// Until all connections have ended.
    pub(crate) async fn is_empty(&self) {
        until("the end of all connections", || self.counts().open == 0).await;
    }

    /// Stops it; nothing of it is left then.
    pub(crate) async fn stop(self) -> Drained {
        self.handle.stop();
        let drained = soon("the end of the server", self.running).await.unwrap();
        assert_eq!(self.handle.counts().open, 0);
        until("the end of all tasks", || tasks() == self.tasks_before).await;
        drained
    }

    /// Stops it without cutting a hook.
    pub(crate) async fn stop_in_order(self) {
        assert_eq!(self.stop().await.cut, 0);
    }
}
