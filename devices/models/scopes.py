from django.db.models import Q

from seoul_health.core.models import StaffUser
from seoul_health.core.models.staff import Scope


def within(user: StaffUser, site: str) -> Q:
    """Whole city, or what belongs to a site of the user's district, or to the user's own site."""
    if user.scope == Scope.CITY or user.is_superuser:
        return Q()
    if user.scope == Scope.DISTRICT:
        return Q(**{f"{site}__district": user.district})
    return Q(**{f"{site}__code": user.site_code})
