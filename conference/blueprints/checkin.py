from flask import Blueprint

blueprint = Blueprint("checkin", __name__)
