from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class StaffSite(AdminSite):
    site_header = _("Wrist Doctor back office")
    site_title = _("Wrist Doctor back office")
    index_title = _("What waits for you")
