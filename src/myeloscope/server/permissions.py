"""The one table of what may be asked of the server, by whom and when.

Routes are made from it, the documentation lists it, and a test holds every route against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from myeloscope.trial.protocol import Phase, Role


class Who(StrEnum):
    """Who may ask, before any trial is looked at."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    """Somebody with one of the rule's roles in the trial that the path names."""


EVERY = frozenset(Phase)
READ = frozenset({Role.READER, Role.PANEL_MEMBER})
RUN = frozenset({Role.LEAD, Role.ADMINISTRATOR})
LEAD = frozenset({Role.LEAD})
DRAFT = frozenset({Phase.DRAFT})
OPEN = frozenset({Phase.OPEN})
AFTER_LOCK = frozenset({Phase.LOCKED, Phase.UNBLINDED, Phase.ARCHIVED})
UNBLINDED = frozenset({Phase.UNBLINDED, Phase.ARCHIVED})
TRIAL = "/api/trials/{trial}"
ONE = TRIAL + "/reads/{read}"
CASE = TRIAL + "/cases/{case}"
LOOK = "/api/looks/{look}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One route.

    Attributes
    ----------
    method, path, name
        What is asked; ``name`` is that of the function that answers.
    summary
        What it does, for the documentation and the OpenAPI.
    who, roles, phases
        Who may ask, with which role in the trial, in which phases of it.
    """

    method: str
    path: str
    name: str
    summary: str
    who: Who
    roles: frozenset[Role] = frozenset()
    phases: frozenset[Phase] = EVERY

    @property
    def changes(self) -> bool:
        """Return whether the route changes something, and so needs the CSRF word."""
        return self.method not in ("GET", "HEAD")


def _member(
    method: str, path: str, name: str, summary: str,
    rule: tuple[frozenset[Role], frozenset[Phase]],
) -> Rule:  # fmt: skip
    return Rule(method, path, name, summary, Who.MEMBER, *rule)


_ACCOUNTS = (
    Rule("GET", "/api/health", "health", "whether the server answers", Who.ANYONE),
    Rule("GET", "/api/login", "ways_in", "how one may log in here", Who.ANYONE),
    Rule("POST", "/api/login", "log_in", "begin a session with name and password", Who.ANYONE),
    Rule("GET", "/api/openid", "begin_openid", "go to the identity provider to log in",
         Who.ANYONE),
    Rule("GET", "/api/openid/back", "finish_openid", "come back from it: to `/`, or to "
         "`/#openid-unknown=SUBJECT` or `/#openid-failed`", Who.ANYONE),
    Rule("POST", "/api/set-up", "set_up", "use a one-time link: set a password, or make the "
         "administrator", Who.ANYONE),
    Rule("GET", "/api/me", "me", "who I am, and my session's CSRF word", Who.ACCOUNT),
    Rule("POST", "/api/logout", "log_out", "end this session", Who.ACCOUNT),
    Rule("GET", "/api/sessions", "list_sessions", "my sessions", Who.ACCOUNT),
    Rule("DELETE", "/api/sessions/{session}", "end_session", "end one of my sessions",
         Who.ACCOUNT),
    Rule("POST", "/api/password", "change_password", "change my password; ends my sessions",
         Who.ACCOUNT),
    Rule("GET", "/api/accounts", "list_accounts", "all accounts", Who.ADMINISTRATOR),
    Rule("POST", "/api/accounts", "create_account", "make an account and its one-time link",
         Who.ADMINISTRATOR),
    Rule("POST", "/api/accounts/{account}/link", "renew_link", "make a new one-time link",
         Who.ADMINISTRATOR),
    Rule("POST", "/api/accounts/{account}/identity", "bind_identity",
         "let an OpenID identity log in as the account", Who.ADMINISTRATOR),
    Rule("POST", "/api/accounts/{account}/disable", "disable_account",
         "let the account log in no more", Who.ADMINISTRATOR),
    Rule("GET", "/api/audit", "list_audit", "rows of the audit log, without what was read",
         Who.ADMINISTRATOR),
    Rule("POST", "/api/audit/verify", "verify_audit", "check the audit log's chain",
         Who.ADMINISTRATOR),
)  # fmt: skip
_TRIALS = (
    Rule("GET", "/api/trials", "list_trials", "the trials I have a role in", Who.ACCOUNT),
    Rule("POST", "/api/trials", "create_trial", "create a trial as a draft", Who.ADMINISTRATOR),
    _member("GET", TRIAL, "get_trial", "title, phase, protocol and my roles",
            (frozenset(Role), EVERY)),
    _member("GET", f"{TRIAL}/progress", "get_progress", "how far each reader is", (RUN, EVERY)),
    _member("GET", f"{TRIAL}/cases", "list_cases", "a page of the cases", (RUN, EVERY)),
    _member("PUT", f"{TRIAL}/protocol", "put_protocol", "replace the protocol", (RUN, DRAFT)),
    _member("POST", f"{TRIAL}/readers", "add_reader", "add a person, a panel or the algorithm",
            (RUN, DRAFT)),
    _member("POST", f"{TRIAL}/cases", "import_cases", "import studies and their list of cases",
            (RUN, DRAFT)),
    _member("POST", f"{TRIAL}/assign", "assign", "draw every reader's order", (RUN, DRAFT)),
    _member("POST", f"{TRIAL}/open", "open_trial", "let reading begin", (LEAD, DRAFT)),
    _member("POST", f"{TRIAL}/lock", "lock_trial", "end reading; answers the audit log's head",
            (LEAD, OPEN)),
    _member("POST", f"{TRIAL}/unblind", "unblind_trial", "join reads and truth",
            (LEAD, frozenset({Phase.LOCKED}))),
    _member("POST", f"{TRIAL}/archive", "archive_trial", "end the trial",
            (LEAD, frozenset({Phase.UNBLINDED}))),
    _member("GET", f"{TRIAL}/results", "get_results",
            "the statistics: agreement after the lock, all of them after unblinding",
            (LEAD, AFTER_LOCK)),
    _member("GET", f"{TRIAL}/table", "get_table", "every read, with truth after unblinding",
            (LEAD, AFTER_LOCK)),
    _member("GET", f"{TRIAL}/export", "export_trial", "the whole trial as a zip, de-identified",
            (LEAD, UNBLINDED)),
)  # fmt: skip
_READS = (
    _member("GET", f"{TRIAL}/reads", "list_reads", "a page of my reads in my order",
            (READ, EVERY)),
    _member("GET", ONE, "get_read", "one of my reads", (READ, EVERY)),
    _member("POST", f"{ONE}/start", "start_read", "begin a read", (READ, OPEN)),
    _member("PUT", f"{ONE}/draft", "save_read", "save; 409 if another tab saved meanwhile",
            (READ, OPEN)),
    _member("POST", f"{ONE}/vote", "vote", "give my own answer as a panel's member",
            (frozenset({Role.PANEL_MEMBER}), OPEN)),
    _member("POST", f"{ONE}/lock", "lock_read", "lock what is saved; a panel's last member does",
            (READ, OPEN)),
    _member("POST", f"{ONE}/amend", "amend_read", "reopen a locked read, for a reason",
            (READ, OPEN)),
    _member("GET", f"{ONE}/studies/{{study}}/metadata", "get_metadata",
            "the images' metadata as DICOM JSON, stripped to what display needs", (READ, EVERY)),
    _member("GET", f"{ONE}/studies/{{study}}/series/{{series}}/instances/{{instance}}/frames/1",
            "get_frame", "a frame: unsigned 16-bit little-endian", (READ, EVERY)),
)  # fmt: skip
_CASES = (
    _member("GET", CASE, "get_case", "a case with what every reader said of it",
            (LEAD, UNBLINDED)),
    _member("GET", f"{CASE}/studies/{{study}}/metadata", "get_case_metadata",
            "the images' metadata as DICOM JSON, stripped to what display needs",
            (LEAD, UNBLINDED)),
    _member("GET", f"{CASE}/studies/{{study}}/series/{{series}}/instances/{{instance}}/frames/1",
            "get_case_frame", "a frame: unsigned 16-bit little-endian", (LEAD, UNBLINDED)),
)  # fmt: skip
_LOOKS = (
    Rule("GET", "/api/looks", "list_looks", "the studies that I have open for a second look",
         Who.ACCOUNT),
    Rule("POST", "/api/looks", "open_look", "read a study and open it for a second look; refused "
         "for what I read blinded", Who.ACCOUNT),
    Rule("GET", LOOK, "get_look", "a study, its automatic reading, what I said of it", Who.ACCOUNT),
    Rule("PUT", LOOK, "save_look", "accept, change or reject findings; answers what follows",
         Who.ACCOUNT),
    Rule("DELETE", LOOK, "close_look", "close it: images and all are removed", Who.ACCOUNT),
    Rule("GET", f"{LOOK}/studies/{{study}}/metadata", "get_look_metadata",
         "the images' metadata as DICOM JSON, stripped to what display needs", Who.ACCOUNT),
    Rule("GET", f"{LOOK}/studies/{{study}}/series/{{series}}/instances/{{instance}}/frames/1",
         "get_look_frame", "a frame: unsigned 16-bit little-endian", Who.ACCOUNT),
    Rule("GET", f"{LOOK}/report", "get_look_report",
         "the reading as a DICOM structured report, mode second-look", Who.ACCOUNT),
)  # fmt: skip
_PATIENTS = (
    Rule("POST", "/api/dossier", "make_dossier", "hold a patient's file against published rules; "
         "nothing is kept", Who.ACCOUNT),
)  # fmt: skip
RULES: Mapping[str, Rule] = {
    rule.name: rule for rule in (*_ACCOUNTS, *_TRIALS, *_READS, *_CASES, *_LOOKS, *_PATIENTS)
}
"""Name -> rule, in the order of the documentation."""
