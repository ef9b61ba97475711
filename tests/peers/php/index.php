<?php
// A backend in plain PHP that echoes, as the vendor's sample does.
$data = json_decode(file_get_contents("php://input"), true);
header("Content-Type: application/json");
echo json_encode($data);
