"""The invented windows go on telling of their stock, as real ones would."""

from django.db import connection

# One window in so many never tells again: a board without a silent site shows nothing.
SILENT_EVERY = 14

# Only windows whose reports bear the demo's own mark; a real key begins with sk_.
TELL = """
    WITH told AS (
        INSERT INTO devices_stockreport
            (window_id, model_id, quantity, is_stopped, observed_at, received_at, reported_by)
        SELECT s.window_id, s.model_id,
               CASE WHEN s.quantity < 2 AND random() < 0.3 THEN 40 + floor(random() * 80)
                    ELSE greatest(0, s.quantity - floor(random() * 3)) END,
               s.is_stopped, now() - random() * interval '40 seconds', now(),
               'site-key:' || site.code
        FROM devices_windowstock s
        JOIN devices_window w ON w.id = s.window_id
        JOIN devices_site site ON site.id = w.site_id
        WHERE s.window_id %% %(silent)s <> 0 AND s.observed_at < now() - interval '2 minutes'
          AND EXISTS (SELECT 1 FROM devices_stockreport r
                      WHERE r.window_id = s.window_id AND r.reported_by = 'site-key:' || site.code)
        RETURNING window_id, model_id, quantity, observed_at
    )
    UPDATE devices_windowstock s
    SET quantity = told.quantity, observed_at = told.observed_at,
        stocked_at = CASE WHEN told.quantity > s.quantity THEN told.observed_at
                          ELSE s.stocked_at END
    FROM told
    WHERE s.window_id = told.window_id AND s.model_id = told.model_id
      AND told.observed_at > s.observed_at
"""


def tell_stock() -> int:
    """Let each invented window tell once more; give how many words were said."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"silent": SILENT_EVERY})
        return int(cursor.rowcount)
