"""What participants announces to the apps above it. Sent inside the transaction."""

from django.dispatch import Signal

participation_started = Signal()  # participation, by
participation_ended = Signal()  # participation, by
# A question: a receiver answers True while the participant has not given a watch back.
unreturned_watch_asked = Signal()  # participant, keeps (a watch in use is no hindrance)
# A question about many: a receiver answers the set of those who have not given a watch back.
watch_holders_asked = Signal()  # participants (row numbers)
