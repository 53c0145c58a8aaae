"""The portal's addresses: French words a parent can read aloud."""

from preau.interfaces.portal.access.urls import urlpatterns as access
from preau.interfaces.portal.billing.urls import urlpatterns as billing
from preau.interfaces.portal.enrolments.urls import urlpatterns as enrolments
from preau.interfaces.portal.payment.urls import urlpatterns as payment
from preau.interfaces.portal.planning.urls import urlpatterns as planning
from preau.interfaces.portal.public.urls import urlpatterns as public

app_name = "portal"
urlpatterns = [*public, *access, *billing, *enrolments, *payment, *planning]
