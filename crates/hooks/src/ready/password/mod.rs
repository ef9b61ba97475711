//! Clients by their login and password: [`PasswordAuth`].

mod file;
mod memory;

use std::{num::NonZero, path::PathBuf, sync::Arc, thread::available_parallelism, time::Duration};

use arc_swap::ArcSwap;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};
use wcs_hooks_protocol::{Secret, payloads::Connection};

pub use file::PasswordFile;

use memory::Memory;

use super::{ConfigError, KeyFiles};
use crate::{Checks, ConnectHandler, Context, Guard, HookResult, OrRefuse, Refusal};

/// With the hashing that follows, it ends before the default of `deadlines.refusable`.
const DEFAULT_WAIT: Duration = Duration::from_secs(2);

/// Lets clients in with a login and a password that stand in a [`PasswordFile`], from `custom.login` and
/// `custom.password`. Others are refused with 401: `no password`, or `wrong login or password`, which is also what an
/// unknown login is told, after as much work.
///
/// Hashing takes a core for tens of milliseconds, so it runs on tokio's blocking threads, as many at a time as there are
/// cores, each in memory of its own that is used again. Who has waited 2 seconds for a turn is refused with 429: a hook's deadline
/// is 3 by default, and past that one the client is refused with 503. A debug build takes a second for each hash, unless your
/// `Cargo.toml` has `[profile.dev.package]` with `argon2 = { opt-level = 3 }` and `blake2 = { opt-level = 3 }`.
///
/// The answer is an unchanged echo, password included: it came from WCS, which has it. In logs it is hidden, as long as
/// its key has one of [`SECRET_NAME_PARTS`] in it. A login that nobody has is not logged: it may be a password in the
/// wrong field.
///
/// [`SECRET_NAME_PARTS`]: crate::redact::SECRET_NAME_PARTS
///
/// The file may be replaced while it is in use: it is one of the [`KeyFiles`].
///
/// ```
/// use wcs_hooks::{Hooks, ready::{PasswordAuth, PasswordFile}};
///
/// let line = PasswordFile::hash_line("alice", &"correct horse".into())?;
/// let users: PasswordFile = line.parse()?;
/// let hooks = Hooks::new(PasswordAuth::new(users));
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PasswordAuth {
    users: Arc<ArcSwap<PasswordFile>>,
    login_key: String,
    password_key: String,
    sets_login: bool,
    turns: Arc<Semaphore>,
    memory: Arc<Memory>,
    longest_wait: Duration,
}

impl PasswordAuth {
    /// Lets these users in.
    #[must_use]
    pub fn new(users: PasswordFile) -> Self {
        Self {
            users: Arc::new(ArcSwap::from_pointee(users)),
            login_key: "login".to_owned(),
            password_key: "password".to_owned(),
            sets_login: false,
            turns: Arc::new(Semaphore::new(available_parallelism().map_or(1, NonZero::get))),
            memory: Arc::default(),
            longest_wait: DEFAULT_WAIT,
        }
    }

    /// Takes login and password from these keys of `custom`. Default: `login` and `password`.
    ///
    /// ```no_run
    /// use wcs_hooks::{Hooks, ready::{PasswordAuth, PasswordFile}};
    ///
    /// let users = PasswordFile::read("/etc/wcs-hooks/users.txt")?;
    /// let hooks = Hooks::new(PasswordAuth::new(users).keys("user", "pin"));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn keys(mut self, login: impl Into<String>, password: impl Into<String>) -> Self {
        self.login_key = login.into();
        self.password_key = password.into();
        self
    }

    /// Sets `login` of the session to the user's name. Default: `login` stays as it came, since what WCS does with another
    /// one is not documented (RTMP clients bring a random one, spec §3.4).
    ///
    /// ```no_run
    /// use wcs_hooks::{Hooks, ready::{PasswordAuth, PasswordFile}};
    ///
    /// let users = PasswordFile::read("/etc/wcs-hooks/users.txt")?;
    /// let hooks = Hooks::new(PasswordAuth::new(users).login_from_user());
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn login_from_user(mut self) -> Self {
        self.sets_login = true;
        self
    }

    /// Hashes so many passwords at a time, and takes so many times the largest memory cost in the file (19 MiB by default) at
    /// most, which it keeps for the next ones.
    /// Default: as many as there are cores. To be set before cloning.
    ///
    /// ```no_run
    /// use std::num::NonZero;
    /// use wcs_hooks::{Hooks, ready::{PasswordAuth, PasswordFile}};
    ///
    /// let users = PasswordFile::read("/etc/wcs-hooks/users.txt")?;
    /// let hooks = Hooks::new(PasswordAuth::new(users).max_concurrent(NonZero::<usize>::MIN));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn max_concurrent(mut self, hashes: NonZero<usize>) -> Self {
        let most = hashes.get().min(Semaphore::MAX_PERMITS);
        self.turns = Arc::new(Semaphore::new(most));
        self
    }

    /// Lets a client wait so long for its turn. Default: 2 seconds. With the hashing that follows (tens of milliseconds) it has
    /// to be shorter than the deadline of `connect` ([`Deadlines::refusable`](crate::Deadlines::refusable), 3 seconds), else
    /// nobody is told that there are too many logins.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use wcs_hooks::{Hooks, ready::{PasswordAuth, PasswordFile}};
    ///
    /// let users = PasswordFile::read("/etc/wcs-hooks/users.txt")?;
    /// let hooks = Hooks::new(PasswordAuth::new(users).wait_at_most(Duration::from_secs(1)));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn wait_at_most(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// The name of the user whose password a connection has. For handlers of your own.
    ///
    /// ```
    /// use wcs_hooks::{ConnectHandler, Context, HookResult, payloads::Connection, ready::PasswordAuth};
    ///
    /// struct Telephones {
    ///     passwords: PasswordAuth,
    /// }
    ///
    /// impl ConnectHandler for Telephones {
    ///     async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
    ///         let user = self.passwords.admit(&mut connection).await?;
    ///         connection.sip_login = Some(format!("line-of-{user}"));
    ///         Ok(connection)
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// 401 if login or password are missing or wrong, 429 if it waited too long for its turn.
    ///
    /// # Panics
    /// Outside of a tokio runtime with its clock on.
    pub async fn admit(&self, connection: &mut Connection) -> HookResult<String> {
        let login = connection.custom_str(&self.login_key);
        let password = connection.custom_str(&self.password_key);
        let (Some(login), Some(password)) = (login, password) else {
            return Err(Refusal::unauthorized("no password"));
        };
        let (login, password) = (login.to_owned(), Secret::from(password));
        let turn = self.turn().await?;
        let is_right = self.check(login.clone(), password, turn).await?;
        is_right.then_some(()).or_refuse(|| self.wrong(&login))?;
        if self.sets_login {
            connection.login = Some(login.clone());
        }
        Ok(login)
    }

    fn wrong(&self, login: &str) -> Refusal {
        let refusal = Refusal::unauthorized("wrong login or password");
        if self.users.load().has(login) {
            refusal.because(format!("the password of {login:?} is another"))
        } else {
            refusal.because("nobody has this login")
        }
    }

    async fn turn(&self) -> HookResult<OwnedSemaphorePermit> {
        let turn = timeout(self.longest_wait, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.or_refuse(|| Refusal::too_many_requests("too many logins at once"))?;
        Ok(turn?)
    }

    /// The turn goes along: the work goes on when nobody waits for it any more.
    async fn check(&self, login: String, password: Secret, turn: OwnedSemaphorePermit) -> HookResult<bool> {
        let (users, memory) = (self.users.load_full(), Arc::clone(&self.memory));
        let checking = spawn_blocking(move || {
            let _turn = turn;
            memory.with(|blocks| users.verify_in(blocks, &login, &password))
        });
        Ok(checking.await?)
    }
}

/// The file of [`PasswordFile::read`].
impl KeyFiles for PasswordAuth {
    fn files(&self) -> Vec<PathBuf> {
        self.users.load().path().map(Into::into).into_iter().collect()
    }

    fn reload(&self) -> Result<(), ConfigError> {
        if let Some(users) = self.users.load().read_again()? {
            self.users.store(Arc::new(users));
            self.memory.clear();
        }
        Ok(())
    }
}

impl Guard for PasswordAuth {
    fn checks(self) -> Checks {
        Checks::new().connects(self)
    }
}

impl ConnectHandler for PasswordAuth {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        self.admit(&mut connection).await?;
        Ok(connection)
    }
}

#[cfg(test)]
mod tests;
