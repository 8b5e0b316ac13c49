"""Sign-in, password, second factor and one's own page."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("password/", views.ChangePassword.as_view(), name="change_password"),
    path("second-factor/", views.Verify.as_view(), name="verify"),
    path("second-factor/set-up/", views.SetUpDevice.as_view(), name="set_up_device"),
    path("me/", views.Profile.as_view(), name="profile"),
]
