from django.urls import URLPattern, path

from devices.stations import callbacks, counter, slots, sources, zone, zone_files
from devices.stations.inspection_urls import urlpatterns as of_inspection
from devices.stations.recovery_urls import urlpatterns as of_recovery
from devices.stations.register_urls import urlpatterns as of_register
from devices.stations.shipping_urls import urlpatterns as of_shipping

app_name = "stations"
urlpatterns: list[URLPattern] = [
    path("counter/", counter.CounterView.as_view(), name="counter"),
    path("counter/report/", counter.report, name="counter-report"),
    path("sources/", sources.SourcesView.as_view(), name="sources"),
    path("sources/<slug:code>/", sources.SourceView.as_view(), name="source"),
    path("slots/", slots.SlotsView.as_view(), name="slots"),
    path("slots/<uuid:public_id>/book/", slots.BookView.as_view(), name="slot-book"),
    path("slots/<uuid:public_id>/close/", slots.CloseView.as_view(), name="slot-close"),
    path("slots/<uuid:public_id>/reopen/", slots.ReopenView.as_view(), name="slot-reopen"),
    path("slots/people/<uuid:public_id>/came/", slots.CheckInView.as_view(), name="slot-check-in"),
    path("slots/people/<uuid:public_id>/cancel/", slots.CancelView.as_view(), name="slot-cancel"),
    path("zone/", zone.ZoneView.as_view(), name="zone"),
    path("zone/people/<slug:number>/", zone.TrendView.as_view(), name="trend"),
    path("zone/files/", zone_files.FilesView.as_view(), name="zone-files"),
    path("zone/files/example.csv", zone_files.ExampleView.as_view(), name="zone-example"),
    path("zone/files/<int:pk>/", zone_files.FileView.as_view(), name="zone-file"),
    path("callbacks/", callbacks.QueueView.as_view(), name="callbacks"),
    path("callbacks/<int:pk>/", callbacks.AlertView.as_view(), name="callback"),
    *of_recovery,
    *of_register,
    *of_inspection,
    *of_shipping,
]
