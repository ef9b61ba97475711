// A backend on Express that echoes, as it is written at first: with express.json() and nothing set.
import express from "express";

const app = express();
app.use(express.json());
app.post(/.*/, (request, response) => response.json(request.body));
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
