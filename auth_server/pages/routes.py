"""All pages of the web side, for the application to include."""

from fastapi import APIRouter

from auth_server.pages import home, login, new_password, second_factor, static_files, tickets

router = APIRouter()
for pages in (home, login, second_factor, new_password, tickets, static_files):
    router.include_router(pages.router)
