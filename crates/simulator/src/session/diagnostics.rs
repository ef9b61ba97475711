//! Bug reports, debug sessions and logs. Nothing is stored. Spec §3.4.

use wcs_hooks_protocol::{
    HookName, Object,
    status::{DebugCommand, DebugStatus},
};

use super::{Session, fields::Fields};
use crate::frame::{Frame, name};

impl Session {
    pub(super) async fn bug_report(&self, report: &Object<'_>) {
        let Some(verdict) = self.ask(HookName::SubmitBugReport, report).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let stored = Fields::of(&agreed).text("filename", &format!("bug-report-{}.txt", self.id)).json();
        let Ok(stored) = Object::parse(&stored) else { return };
        self.tell_failure(&self.send(HookName::BugReportStatus, &stored).await);
    }

    pub(super) async fn debug(&self, command: &Object<'_>) {
        let status = match command.string("command").as_deref() {
            Some(start) if start == DebugCommand::Start.as_str() => DebugStatus::Started,
            Some(stop) if stop == DebugCommand::Stop.as_str() => DebugStatus::Stopped,
            _ => {
                let info = "The command must be start or stop";
                return self.tell(&Frame::failed(info, Some(HookName::SessionDebugStatus), None));
            }
        };
        let Some(verdict) = self.ask(HookName::SessionDebugCommand, command).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let file = format!("client-{}.log", self.id);
        let event = Fields::of(&agreed).text("status", status.as_str()).text("file", &file).json();
        self.event(HookName::SessionDebugStatus, &event, name::DEBUG).await;
    }
}
