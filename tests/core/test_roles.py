from datetime import timedelta

import pytest
from django.db import IntegrityError

from seoul_health.core import clock
from seoul_health.core.models import AuditEvent, RoleGrant, StaffUser
from seoul_health.core.roles import AlreadyGranted, OwnGrant, end_grant, grant_role


def test_a_role_gives_its_permissions_and_no_others(make_staff):
    agent = make_staff("agent")

    assert agent.has_perm("complaints.use_desk")
    assert not agent.has_perm("points.view_settlement")
    assert make_staff().get_all_permissions() == set()


def test_an_ended_grant_ends_at_once(make_staff):
    agent, chief = make_staff("agent"), make_staff("system_operator")
    end_grant(agent.grants.get(), by=chief)

    assert not StaffUser.objects.get(pk=agent.pk).has_perm("complaints.use_desk")
    assert AuditEvent.objects.get(verb="ended").actor == chief.actor_name


def test_a_grant_runs_out(make_staff):
    agent = make_staff("agent")
    agent.grants.update(expires_on=clock.today() - timedelta(days=1))

    assert not StaffUser.objects.get(pk=agent.pk).has_perm("complaints.use_desk")


def test_a_disabled_person_has_no_permissions(make_staff):
    agent = make_staff("agent", is_active=False)

    assert not agent.has_perm("complaints.use_desk")


def test_nobody_grants_a_role_to_themselves(make_staff):
    chief = make_staff("system_operator")

    with pytest.raises(OwnGrant):
        grant_role(chief, role="auditor", by=chief)

    assert list(chief.grants.values_list("role", flat=True)) == ["system_operator"]


def test_a_role_is_granted_once(make_staff):
    agent, chief = make_staff("agent"), make_staff("system_operator")

    with pytest.raises(AlreadyGranted):  # one_live_grant_per_person_and_role
        grant_role(agent, role="agent", by=chief)

    assert RoleGrant.objects.filter(user=agent).count() == 1


def test_a_scope_without_its_place_is_refused(make_staff):
    with pytest.raises(IntegrityError, match="a_scope_names_its_place"):
        make_staff("site_clerk", scope="site")


def test_a_password_is_hashed_with_argon2(make_staff):
    assert make_staff("agent").password.startswith("argon2$")
