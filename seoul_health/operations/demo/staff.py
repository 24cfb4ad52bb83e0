"""Demo staff of every role, two where two must decide; one password, outside production only."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from seoul_health.core.audit import System
from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Role, Scope
from seoul_health.core.roles import grant_role

PASSWORD = "demo-9988-demo"  # noqa: S105 - printed on the screen for everybody
LOADER = System("operations.load_demo")
CLERKS_SITE = "hc-jongno"


@dataclass(frozen=True)
class DemoUser:
    username: str
    role: Role
    family: str
    given: str
    department: str
    extension: str


STAFF = (
    DemoUser("recruit", Role.RECRUITMENT_OFFICER, "한", "모집", "건강관리과 모집팀", "7001"),
    DemoUser("reviewer", Role.RECRUITMENT_OFFICER, "문", "심사", "건강관리과 심사팀장", "7011"),
    DemoUser("device", Role.DEVICE_OFFICER, "기", "워치", "건강관리과 기기팀", "7002"),
    DemoUser("keeper", Role.DEVICE_OFFICER, "노", "물품", "건강관리과 물품팀장", "7013"),
    DemoUser("clerk", Role.SITE_CLERK, "정", "창구", "종로구보건소", "7003"),
    DemoUser("finance", Role.FINANCE_OFFICER, "금", "정산", "건강관리과 재정팀", "7004"),
    DemoUser("approver", Role.FINANCE_APPROVER, "임", "승인", "건강관리과 재정팀장", "7005"),
    DemoUser("approver2", Role.FINANCE_APPROVER, "최", "확인", "재정담당관", "7012"),
    DemoUser("agent", Role.AGENT, "안", "상담", "손목닥터 상담센터", "7006"),
    DemoUser("supervisor", Role.SUPERVISOR, "강", "책임", "손목닥터 상담센터", "7007"),
    DemoUser("privacy", Role.PRIVACY_OFFICER, "방", "보호", "정보보호과", "7008"),
    DemoUser("auditor", Role.AUDITOR, "감", "사라", "감사담당관", "7009"),
    DemoUser("operator", Role.SYSTEM_OPERATOR, "운", "영자", "정보시스템과", "7010"),
)


def load_staff() -> int:
    """Make the demo log-ins and grant each its one role."""
    hashed = make_password(PASSWORD)  # Once for all: hashing is slow on purpose.
    for demo in STAFF:
        user = StaffUser.objects.create(
            username=demo.username,
            password=hashed,
            is_staff=True,
            last_name=demo.family,
            first_name=demo.given,
            department=demo.department,
            office_phone=f"02-120-{demo.extension}",
            **_scope(demo.role),
        )
        grant_role(user, role=demo.role, by=LOADER)
    return len(STAFF)


def _scope(role: Role) -> dict[str, str]:
    if role != Role.SITE_CLERK:
        return {"scope": Scope.CITY}
    return {"scope": Scope.SITE, "district": "종로구", "site_code": CLERKS_SITE}
