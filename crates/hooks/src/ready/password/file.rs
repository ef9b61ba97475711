//! Users and the hashes of their passwords: [`PasswordFile`].

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
    str::FromStr,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        PasswordHasher,
        phc::{Output, PasswordHash, Salt},
    },
};
use wcs_hooks_protocol::Secret;

use crate::ready::{ConfigError, error::read_file};

/// 1 GiB, in KiB.
const MOST_MEMORY: u32 = 1024 * 1024;

/// Users and the argon2 hashes of their passwords: one `user:$argon2id$v=19$m=…,t=…,p=…$salt$hash` a line. Blank lines
/// and lines that begin with `#` are passed over; blanks around a user or hash are cut off. A user's name has no colon.
///
/// Printing with `{:?}` shows how many users there are.
///
/// ```
/// use wcs_hooks::ready::PasswordFile;
///
/// let line = PasswordFile::hash_line("alice", &"correct horse".into())?;
/// let users: PasswordFile = format!("# the staff\n\n{line}\n").parse()?;
/// assert!(users.verify("alice", &"correct horse".into()));
/// assert!(!users.verify("alice", &"wrong".into()) && !users.verify("bob", &"correct horse".into()));
///
/// let error = "# the staff\nalice:secret".parse::<PasswordFile>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 2: not a hash of argon2 ($argon2id$v=19$m=…,t=…,p=…$salt$hash): make one with `PasswordFile::hash_line`",
/// );
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
pub struct PasswordFile {
    /// Where in `hashes` a user's stands.
    users: HashMap<String, usize>,
    /// Not empty.
    hashes: Vec<Hash>,
    stand_ins: RandomState,
    path: Option<PathBuf>,
}

/// A hash of a password, ready to be held against others.
#[derive(PartialEq)]
pub(super) struct Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl PasswordFile {
    /// Reads a file. [`PasswordAuth`](super::PasswordAuth) can read it again.
    ///
    /// ```no_run
    /// use wcs_hooks::ready::PasswordFile;
    ///
    /// let users = PasswordFile::read("/etc/wcs-hooks/users.txt")?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it cannot be read, has no users, has one twice, or a line is not a user and a hash of argon2. The error names
    /// the file and the line.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let place = path.display().to_string();
        let text =
            String::from_utf8(read_file(path)?).map_err(|_| ConfigError::new(&place, "it is not UTF-8"))?;
        let file = Self::parse(&text, &format!("{place} "))?;
        Ok(Self { path: Some(path.to_owned()), ..file })
    }

    /// Where it was read, if it was.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The same file as it is now. Unknown users stand beside the same others, as far as these are still there.
    pub(super) fn read_again(&self) -> Result<Option<Self>, ConfigError> {
        let Some(path) = self.path() else { return Ok(None) };
        Ok(Some(Self { stand_ins: self.stand_ins.clone(), ..Self::read(path)? }))
    }

    /// A line for a user, hashed by argon2id with the parameters that OWASP recommends: 19 MiB, two passes, one lane. It
    /// takes tens of milliseconds.
    ///
    /// # Errors
    /// If the name is empty, has a colon or a control character, begins with `#`, or has blanks around it, or if the
    /// password is empty.
    pub fn hash_line(user: &str, password: &Secret) -> Result<String, ConfigError> {
        let is_bad = user.is_empty() || user.starts_with('#') || user.trim() != user;
        if is_bad || user.chars().any(|letter| letter == ':' || letter.is_control()) {
            let mistake = "a name is not empty, has no colon and no control character, does not begin with # and has \
                           no blanks around it";
            return Err(ConfigError::new(format!("user {user:?}"), mistake));
        }
        if password.expose().is_empty() {
            return Err(ConfigError::new(format!("user {user:?}"), "the password is empty"));
        }
        let hash: PasswordHash =
            Argon2::default().hash_password(password.expose().as_bytes()).map_err(|error| {
                ConfigError::new(format!("user {user:?}"), format!("cannot be hashed: {error}"))
            })?;
        Ok(format!("{user}:{hash}"))
    }

    /// Whether this is the user's password. An unknown user costs as much work as one of those that are there: always the
    /// same one while the program runs, so that hashes of several costs give nobody away either.
    ///
    /// Takes a core for tens of milliseconds.
    #[must_use]
    pub fn verify(&self, user: &str, password: &Secret) -> bool {
        self.verify_in(&mut Vec::new(), user, password)
    }

    /// The same, in blocks that are made larger if they have to be.
    pub(super) fn verify_in(&self, blocks: &mut Vec<Block>, user: &str, password: &Secret) -> bool {
        let (hash, is_known) = self.hash_for(user);
        hash.is_of(password.expose().as_bytes(), blocks) && is_known
    }

    /// Whether there is a user of this name.
    #[must_use]
    pub fn has(&self, user: &str) -> bool {
        self.users.contains_key(user)
    }

    /// The hash to hold a password against, and whether it is the user's own.
    pub(super) fn hash_for(&self, user: &str) -> (&Hash, bool) {
        let known = self.users.get(user).copied();
        #[allow(clippy::cast_possible_truncation, reason = "any bits will do")]
        let stand_in = self.stand_ins.hash_one(user) as usize % self.hashes.len();
        (&self.hashes[known.unwrap_or(stand_in)], known.is_some())
    }

    /// `place` goes before the number of a line.
    fn parse(text: &str, place: &str) -> Result<Self, ConfigError> {
        let (users, hashes, stand_ins) = (HashMap::new(), Vec::new(), RandomState::new());
        let mut file = Self { users, hashes, stand_ins, path: None };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let at = || format!("{place}line {}", index + 1);
                file.add(line).map_err(|mistake| ConfigError::new(at(), mistake))?;
            }
        }
        if file.hashes.is_empty() {
            let place = if place.is_empty() { "password file" } else { place.trim_end() };
            return Err(ConfigError::new(place, "it has no users"));
        }
        Ok(file)
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let (user, hash) = line.split_once(':').ok_or("it is not user:hash")?;
        let hash = Hash::read(hash.trim())?;
        let user = user.trim_end();
        if user.is_empty() {
            return Err("the user's name is empty");
        }
        if self.users.insert(user.to_owned(), self.hashes.len()).is_some() {
            return Err("this user stands in a line above too");
        }
        self.hashes.push(hash);
        Ok(())
    }
}

impl Hash {
    /// One that can be checked against, and not at any price.
    fn read(text: &str) -> Result<Self, &'static str> {
        let mistake = "not a hash of argon2 ($argon2id$v=19$m=…,t=…,p=…$salt$hash): make one with `PasswordFile::hash_line`";
        let hash = PasswordHash::new(text).map_err(|_| mistake)?;
        let read = Self {
            algorithm: Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| mistake)?,
            version: hash.version.map_or(Ok(Version::default()), Version::try_from).map_err(|_| mistake)?,
            params: Params::try_from(&hash).map_err(|_| mistake)?,
            salt: hash.salt.ok_or(mistake)?,
            output: hash.hash.ok_or(mistake)?,
        };
        if read.params.m_cost() > MOST_MEMORY {
            return Err("its hash asks for more than 1 GiB of memory (m=1048576)");
        }
        Ok(read)
    }

    fn is_of(&self, password: &[u8], blocks: &mut Vec<Block>) -> bool {
        let needed = self.params.block_count();
        if blocks.len() < needed {
            blocks.resize(needed, Block::new());
        }
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut output = [0; Output::MAX_LENGTH];
        let output = &mut output[..self.output.len()];
        let made = argon2.hash_password_into_with_memory(password, &self.salt, output, blocks);
        // Outputs are compared in constant time.
        made.is_ok() && Output::new(output).is_ok_and(|output| output == self.output)
    }
}

impl FromStr for PasswordFile {
    type Err = ConfigError;

    /// Reads the text of a file.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text, "")
    }
}

impl fmt::Debug for PasswordFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordFile").field("users", &self.users.len()).finish_non_exhaustive()
    }
}
