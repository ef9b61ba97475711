//! What password hashing leaves in memory, in a process of its own so that nothing else is counted.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![cfg(feature = "password")]

use std::{fs, num::NonZero, time::Duration};

use tokio::task::JoinSet;
use wcs_hooks::{
    payloads::Connection,
    ready::{PasswordAuth, PasswordFile},
};

/// A cost of 8 MiB and one pass: an allocator treats it as it does the 19 MiB of a default hash.
const USERS: &str =
    "alice:$argon2id$v=19$m=8192,t=1,p=1$1L0H5J5W8yGLm5l4uc7LuQ$H/2T8MZeU4UQfXJ6YZDsm2XeX2AqmfgQ7My4JP2oKcI";
const COST: usize = 8 * MIB;
const MIB: usize = 1024 * 1024;
const AT_ONCE: usize = 2;
const BURSTS: usize = 10;
const LOGINS: usize = 60;

fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    resident.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// As many wrong logins at the same time; all are told so.
async fn burst(auth: &PasswordAuth) {
    let mut logins = JoinSet::new();
    for _ in 0..LOGINS {
        let auth = auth.clone();
        logins.spawn(async move {
            let mut connection = Connection::default();
            connection.custom.insert("login".to_owned(), "alice".into());
            connection.custom.insert("password".to_owned(), "wrong".into());
            auth.admit(&mut connection).await.unwrap_err().status()
        });
    }
    assert!(logins.join_all().await.iter().all(|status| status.as_u16() == 401));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bursts_of_logins_leave_nothing_behind() {
    let auth = PasswordAuth::new(USERS.parse::<PasswordFile>().unwrap())
        .max_concurrent(NonZero::new(AT_ONCE).unwrap())
        .wait_at_most(Duration::from_mins(10));
    let before = resident();
    for number in 0..BURSTS {
        burst(&auth).await;
        let grown = resident().saturating_sub(before);
        // Stacks of threads, and what a runtime has.
        let most = AT_ONCE * COST + 8 * MIB;
        assert!(grown <= most, "after burst {number}: {} MiB more", grown / MIB);
    }
}
