document.getElementById("total").textContent = "0";
$("#total").hide();
