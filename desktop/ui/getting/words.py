"""What is known of offers and downloads, in people's words."""

from __future__ import annotations

from desktop.models.entry import KINDS
from desktop.models.getting.fitting import Fit, Memory, fit
from desktop.models.getting.offer import Choice, Offer, Use
from desktop.studio.downloads import Download, State
from desktop.ui.models.words import family, weight
from desktop.ui.queue.words import duration

USES = {  # what licences allow, after their name
    Use.FREE: "pictures may be sold",
    Use.LIMITED: "free on conditions: read it before you sell pictures",
    Use.NON_COMMERCIAL: "not for commercial use",
    Use.UNKNOWN: "what it allows is not known here: read it first",
}
BRIEFLY = {Use.NON_COMMERCIAL: "Non-commercial", Use.LIMITED: "On conditions"}
UNITS = ((10**6, "M"), (10**3, "k"))


def count(number: int) -> str:
    """Short: "2.3 M"."""
    for unit, name in UNITS:
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return str(number)


def in_short(offer: Offer) -> str:
    return " · ".join(filter(None, (family(offer.family), KINDS[offer.kind])))


def facts(offer: Offer) -> str:
    taken = f"taken {count(offer.downloads)} times" if offer.downloads else ""
    return " · ".join(filter(None, (f"by {offer.author}" if offer.author else "", in_short(offer), taken)))


def license_of(offer: Offer) -> str:
    """Its name, and what it allows."""
    use = USES[offer.license.use]
    return f"{offer.license.name}: {use}" if offer.license.name else f"Licence unknown: {use}"


def briefly(offer: Offer) -> str:
    """A few lines, for tooltips and for those who cannot see it."""
    adult = "For adults." if offer.adult else ""
    return "\n".join(filter(None, (offer.name, facts(offer), license_of(offer), offer.terms, adult)))


def fits(choice: Choice, memory: Memory) -> str:
    """Its size, and whether that suits this machine."""
    how = choice.problem or _sentence(fit(choice.bytes, memory))
    return " · ".join((weight(choice.bytes), how))


def _sentence(how: Fit) -> str:
    return how.value[0].upper() + how.value[1:]


def state_of(download: Download) -> str:
    """How far it is, and when it will be here."""
    progress, whole = download.progress, weight(download.order.bytes)
    so_far = f"{weight(progress.step)} of {whole}" if progress else whole
    match download.state:
        case State.DONE:
            return f"{whole}, complete"
        case State.COMING:
            seconds = download.seconds_left
            left = f", {duration(seconds)} left" if seconds is not None and seconds >= 1 else ""
            return f"{so_far}{left}" if progress else "Asking for it…"
        case State.FAILED:
            return download.failure.message if download.failure else "Failed"
        case state:
            return f"{so_far}, {state.value}"
