// Presses the button of the form_post page. A field may be called "submit", so the form's own property cannot be used.
HTMLFormElement.prototype.submit.call(document.getElementById("response"));
