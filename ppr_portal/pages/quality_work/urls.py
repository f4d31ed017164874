"""Routes of quality work: feedback, reviews, coaching, improvement plans, training, check-ins."""

from django.urls import path

from ppr_portal.pages.quality_work import check_ins, coaching, feedback, improvement, qa, qa_review, training

urlpatterns = [
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/<int:pk>/reading/", feedback.reading, name="feedback_reading"),
    path("feedback/<int:pk>/acknowledgement/", feedback.acknowledgement, name="feedback_acknowledgement"),
    path("feedback/<int:pk>/answer/", feedback.answer, name="feedback_answer"),
    path("answers/", feedback.answers, name="feedback_answers"),
    path("reviews/", qa.reviews, name="reviews"),
    path("reviews/draws/new/", qa.draw_new, name="review_draw_new"),
    path("reviews/draws/<int:pk>/", qa.draw, name="review_draw"),
    path("reviews/draws/<int:pk>/frame.txt", qa.draw_frame, name="review_draw_frame"),
    path("reviews/calibration/", qa.calibration, name="review_calibration"),
    path("reviews/<int:pk>/", qa_review.review, name="review"),
    path("coaching/", coaching.talks, name="coaching"),
    path("coaching/new/", coaching.new, name="coaching_new"),
    path("coaching/<int:pk>/", coaching.session, name="coaching_session"),
    path("coaching/<int:pk>/acts/", coaching.act, name="coaching_act"),
    path("improvement/", improvement.plans, name="improvement_plans"),
    path("improvement/new/", improvement.new, name="improvement_new"),
    path("improvement/<int:pk>/", improvement.plan, name="improvement_plan"),
    path("improvement/<int:pk>/steps/", improvement.step, name="improvement_step"),
    path("training/", training.tasks, name="training"),
    path("training/new/", training.new, name="training_new"),
    path("training/<int:pk>/acts/", training.act, name="training_act"),
    path("check-ins/", check_ins.check_ins, name="check_ins"),
    path("check-ins/<int:pk>/deletion/", check_ins.deletion, name="check_in_deletion"),
]
