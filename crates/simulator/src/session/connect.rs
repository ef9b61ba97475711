//! How a session opens. Spec §7.1.

use std::sync::Arc;

use tokio::time::timeout;
use uuid::Uuid;
use wcs_hooks_dispatcher::{self as wcs, App, ToClient, status::SessionStatus};
use wcs_hooks_protocol::{HookContext, HookName, Object, info};

use super::{
    Client, Session,
    fields::{Fields, is},
    kept,
};
use crate::{
    frame::{Frame, name},
    gateway::{DEFAULT_APP, Shared},
    hub::{Mailbox, Member},
    outbox::Outbox,
};

/// Opens a session for a client. If it does not come about, the client has been told why.
pub(super) async fn open(
    shared: &Arc<Shared>,
    mut client: Client,
    mailbox: Mailbox,
) -> Option<(Session, Client)> {
    let first = tokio::select! {
        first = timeout(shared.limits.connect_within, connection(&mut client)) => first,
        () = shared.stopped() => return None,
    };
    let Ok(frame) = first else {
        fail(&client.outbox, "No connection message in time");
        return None;
    };
    let frame = frame?;
    let Ok(object) = frame.object() else {
        fail(&client.outbox, "The argument of connection must be an object");
        return None;
    };
    let key = object.string("appKey").filter(|key| !key.is_empty()).unwrap_or(DEFAULT_APP.into());
    let Some(app) = shared.app(&key) else {
        fail(&client.outbox, &format!("There is no app {key}"));
        return None;
    };
    let client = kept::hand_over(shared, &key, &object, client).err()?;
    let crashes = shared.hub.crashes();
    let hooks = connect(shared, app, &client, &object).await?;
    let mut session = Session::new(shared, hooks, client.outbox.clone(), mailbox);
    if shared.hub.crashes() != crashes {
        session.vanish();
        return None;
    }
    session.established().await;
    session.register().await;
    Some((session, client))
}

/// The first `connection` message. Others before it get an error. `None` if the client leaves.
async fn connection(client: &mut Client) -> Option<Frame> {
    loop {
        match client.frames.recv().await? {
            Ok(frame) if frame.message() == name::CONNECTION => return Some(frame),
            Ok(frame) if frame.message() == name::PING => client.outbox.push(&Frame::bare(name::PONG)),
            Ok(frame) if frame.message() == name::PONG => {}
            Ok(_) => fail(&client.outbox, info::stream::SESSION_NOT_READY),
            Err(error) => fail(&client.outbox, &error.to_string()),
        }
    }
}

/// Asks the backend.
async fn connect(shared: &Shared, app: &App, client: &Client, object: &Object<'_>) -> Option<wcs::Session> {
    let context = HookContext {
        node_id: shared.hub.node_id(),
        app_key: app.key().to_owned(),
        session_id: Uuid::new_v4().to_string(),
    };
    let fields = requested(object, client.origin.as_deref());
    let opened = shared.dispatcher.connect_raw(app, context, &Object::parse(&fields).ok()?).await;
    opened
        .inspect_err(|declined| {
            if let ToClient::Fail(fail) = declined.verdict().to_client() {
                client.outbox.push(&Frame::fail(&fail));
            }
        })
        .ok()
}

/// What the backend is asked with: the client's fields, and what WCS adds. Spec §3.4. The origin is that of the handshake, or
/// none: backends authorize domains by it.
fn requested(object: &Object<'_>, origin: Option<&str>) -> String {
    let fields = Fields::of(object).without("authToken");
    let fields = match origin {
        Some(origin) => fields.text("origin", origin),
        None => fields.without("origin"),
    };
    ["useWsTunnel", "useWsTunnelPacketization2", "useBase64BinaryEncoding"]
        .into_iter()
        .fold(fields, |fields, name| fields.default(name, "false"))
        .json()
}

fn fail(outbox: &Outbox, info: &str) {
    outbox.push(&Frame::failed(info, Some(HookName::ConnectionStatus), None));
}

impl Session {
    fn new(shared: &Arc<Shared>, hooks: wcs::Session, outbox: Outbox, mailbox: Mailbox) -> Self {
        let id = Arc::<str>::from(&*hooks.context().session_id);
        shared.hub.join(Member {
            id: Arc::clone(&id),
            app_key: hooks.app().key().into(),
            connection: hooks.opening().fields().into(),
            mailbox: mailbox.clone(),
        });
        let shared = Arc::clone(shared);
        Self {
            shared,
            hooks,
            outbox,
            id,
            mailbox,
            streams: Vec::new(),
            calls: Vec::new(),
            is_gone: false,
            kept: None,
        }
    }

    /// The backend is told, then the client.
    async fn established(&mut self) {
        let verdict = self.hooks.send_status(SessionStatus::Established).await;
        self.tell_failure(&verdict);
        if let ToClient::Delivered(user_data) = verdict.to_client() {
            self.keep(&verdict, &user_data);
            self.tell(&Frame::new(name::USER_DATA, [user_data]));
        }
    }

    /// Registers the SIP login, if there is one and neither the client nor the backend said that it should not be.
    async fn register(&self) {
        let Ok(connection) = Object::parse(self.hooks.opening().fields()) else { return };
        let Some(login) = connection.string("sipLogin").filter(|login| !login.is_empty()) else { return };
        if is(&connection, "sipRegisterRequired") == Some(false) {
            return;
        }
        self.shared.hub.register(&login, &self.id);
        let fields = Fields::of(&connection).text("status", SessionStatus::Registered.as_str()).json();
        let Ok(object) = Object::parse(&fields) else { return };
        let verdict = self.send(HookName::RegistrationStatus, &object).await;
        self.tell_failure(&verdict);
        if verdict.goes_on() {
            self.tell_registered();
        }
    }

    pub(super) fn tell_registered(&self) {
        self.tell(&Frame::new(name::REGISTERED, ["{}".to_owned()]));
    }
}
