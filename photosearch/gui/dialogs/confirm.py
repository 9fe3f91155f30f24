"""A question before something is done that cannot be taken back. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

_WIDTH_PX = 420


def confirmation(parent: QWidget, question: str, told: str, action: str) -> QDialog:
    """Returns a dialog whose `accepted` says yes; whoever made it opens it.

    Args:
        parent: Over which window.
        question: What is asked.
        told: What the user has to know first.
        action: Text of the button that does it.
    """
    dialog = QDialog(parent)
    dialog.setObjectName("confirm")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dialog.setWindowTitle("Photosearch")
    dialog.setFixedWidth(_WIDTH_PX)
    head, text = QLabel(question, dialog), QLabel(told, dialog)
    head.setObjectName("infoHead")
    text.setObjectName("headingCount")
    for label in (head, text):
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
    yes = QPushButton(action, dialog)
    no = QPushButton(dialog.tr("Cancel"), dialog)
    no.setDefault(True)
    buttons = QHBoxLayout()
    buttons.addStretch(1)
    buttons.addWidget(no)
    buttons.addWidget(yes)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(12)
    column.addWidget(head)
    column.addWidget(text)
    column.addLayout(buttons)
    yes.setObjectName("confirmYes")
    yes.clicked.connect(dialog.accept)
    no.clicked.connect(dialog.reject)
    return dialog
