"""Kinds of events of members, invitations, accounts and their administration."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _account(title: str, text: str) -> Kind:
    return Kind(title, Group.ACCOUNTS, About.INSTALLATION, text)


PEOPLE_KINDS: Final[dict[str, Kind]] = {
    "member.added": Kind(
        "Member added",
        Group.PEOPLE,
        About.READER,
        "{subject} joined the study[ as {role}].",
    ),
    "member.deactivated": Kind(
        "Member deactivated", Group.PEOPLE, About.READER, "{actor} deactivated {subject}."
    ),
    "member.reactivated": Kind(
        "Member reactivated", Group.PEOPLE, About.READER, "{actor} reactivated {subject}."
    ),
    "invitation.created": Kind(
        "Invitation created",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} created an invitation link[ with the role {role}].",
    ),
    "invitation.revoked": Kind(
        "Invitation withdrawn", Group.PEOPLE, About.WHOLE_STUDY, "{actor} withdrew an invitation."
    ),
    "invitation.accepted": Kind(
        "Invitation accepted", Group.PEOPLE, About.WHOLE_STUDY, "{actor} accepted an invitation."
    ),
    "administrator.added_site": Kind(
        "Site added",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} added site {subject} as administrator.",
    ),
    "administrator.changed_site": Kind(
        "Site changed",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} changed the name of site {subject} as administrator.",
    ),
    "administrator.deleted_site": Kind(
        "Site deleted",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} deleted site {subject} as administrator.",
    ),
    "administrator.added_membership": Kind(
        "Membership added",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} added the membership {subject} as administrator.",
    ),
    "administrator.changed_membership": Kind(
        "Membership changed",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} deactivated or reactivated the membership {subject} as administrator.",
    ),
    "administrator.deleted_membership": Kind(
        "Membership deleted",
        Group.PEOPLE,
        About.WHOLE_STUDY,
        "{actor} deleted the membership {subject} as administrator.",
    ),
}

ACCOUNT_KINDS: Final[dict[str, Kind]] = {
    "account.signed_in": _account("Signed in", "{actor} signed in."),
    "account.sign_in_failed": _account(
        "Sign-in failed", "A sign-in failed[ for the account {subject}]."
    ),
    "account.password_changed": _account("Password changed", "{actor} changed the password."),
    "account.time_zone_changed": _account(
        "Time zone changed", "{actor} changed the time zone[ to {after}]."
    ),
    "account.created": _account("Account created", "{actor} created the account {subject}."),
    "account.deactivated": _account(
        "Account deactivated", "{actor} deactivated the account {subject}."
    ),
    "account.reactivated": _account(
        "Account reactivated", "{actor} reactivated the account {subject}."
    ),
    "account.reset_link_created": _account(
        "Reset link created", "{actor} created a password reset link for the account {subject}."
    ),
    "account.password_reset": _account(
        "Password reset", "{actor} set a new password with a reset link."
    ),
    "account.password_reset_requested": _account(
        "Password reset requested", "A password reset was requested[ for the account {subject}]."
    ),
    "account.address_entered": _account(
        "Email address entered", "{actor} entered an email address."
    ),
    "account.address_confirmed": _account(
        "Email address confirmed", "{actor} confirmed an email address."
    ),
    "account.address_removed": _account(
        "Email address removed", "{actor} removed the email address."
    ),
    "account.mail_preferences_changed": _account(
        "Email preferences changed", "{actor} changed the email preferences."
    ),
    "reader_profile.changed": _account(
        "Reader profile changed", "{actor} changed the reader profile."
    ),
    "reader_profile.skipped": _account(
        "Reader profile skipped", "{actor} skipped the reader profile."
    ),
    "backup.recorded": _account("Backup recorded", "A backup was recorded as complete."),
    "demonstration.account_created": _account(
        "Demonstration account created", "{actor} created the demonstration account {subject}."
    ),
    "administrator.added_user": _account(
        "Account added", "{actor} added the account {subject} as administrator."
    ),
    "administrator.changed_user": _account(
        "Account changed", "{actor} changed the account {subject} as administrator."
    ),
    "administrator.deleted_user": _account(
        "Account deleted", "{actor} deleted the account {subject} as administrator."
    ),
}
