"""Coming in, going out, one's own account."""

from django.urls import path

from preau.interfaces.portal.access.views import account, first_entry, recovery, sessions, signing_in

urlpatterns = [
    path("connexion/", signing_in.login, name="login"),
    path("deconnexion/", signing_in.logout, name="logout"),
    path("session/prolonger/", signing_in.session_extend, name="session_extend"),
    path("identifiants-oublies/", recovery.identifiers, name="identifiers"),
    path("courriel-envoye/", recovery.mail_sent, name="mail_sent"),
    path("mot-de-passe/<str:token>/", recovery.reset, name="reset"),
    path("premiere-connexion/", first_entry.first_access, name="first_access"),
    path("premiere-connexion/ouvrir/", first_entry.first_access_open, name="first_access_open"),
    path("premiere-connexion/dossier/", first_entry.claim, name="claim"),
    path("premiere-connexion/dossier/ouvrir/", first_entry.claim_open, name="claim_open"),
    path("premiere-connexion/lien/", first_entry.claim_mail, name="claim_mail"),
    path("premiere-connexion/<str:token>/", first_entry.claim_link, name="claim_link"),
    path("mon-compte/", account.account, name="account"),
    path("mon-compte/mot-de-passe/", account.password_change, name="password_change"),
    path("mon-compte/courriel/", account.email_change, name="email_change"),
    path("mon-compte/courriel/<str:token>/", account.email_confirm, name="email_confirm"),
    path("mon-compte/confirmer/", account.confirm_password, name="confirm_password"),
    path("mon-compte/conditions/", account.accept_terms, name="accept_terms"),
    path("mon-compte/appareils/", sessions.sessions, name="sessions"),
    path("mon-compte/appareils/terminer/", sessions.sessions_end, name="sessions_end"),
    path("mon-compte/appareils/<slug:session_id>/terminer/", sessions.session_end, name="session_end"),
]
