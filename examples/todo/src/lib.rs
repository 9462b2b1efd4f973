//! A list of things to do, as JSON.
#![no_std]

use pipkin_handler::*;
use serde::{Deserialize, Serialize};

image! { tag: "todo:latest", port: 8080 }

routes! {
    body_bytes_max: 16 << 10,
    GET "/todos" => list,
    POST "/todos" => add,
    GET "/todos/:id" => show,
    DELETE "/todos/:id" => remove,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Todo {
    #[serde(default)]
    id: u64,
    title: String,
    #[serde(default)]
    done: bool,
}

struct Todos {
    next_id: u64,
    all: Vec<Todo>,
}

/// Each worker has its own: set `WORKERS=1` for one list, or keep it in a database.
static TODOS: State<Todos> = State::new(Todos { next_id: 1, all: Vec::new() });

fn list(_: &Request) -> Response {
    TODOS.with(|todos| Response::json(&todos.all))
}

fn add(_: &Request, body: &[u8]) -> Result<Response, Response> {
    let mut todo: Todo = serde_json::from_slice(body)
        .map_err(|error| Response::text(format!("{error}\n")).with_status(422))?;
    TODOS.with(|todos| {
        todo.id = todos.next_id;
        todos.next_id += 1;
        let response = Response::json(&todo).with_status(201);
        todos.all.push(todo);
        Ok(response)
    })
}

fn show(request: &Request) -> Response {
    let found = id(request).and_then(|id| {
        TODOS.with(|todos| todos.all.iter().find(|todo| todo.id == id).map(|todo| Response::json(todo)))
    });
    found.unwrap_or(Response::status(404))
}

fn remove(request: &Request) -> Response {
    let removed = id(request).is_some_and(|id| {
        TODOS.with(|todos| {
            let before = todos.all.len();
            todos.all.retain(|todo| todo.id != id);
            todos.all.len() != before
        })
    });
    Response::status(if removed { 204 } else { 404 })
}

fn id(request: &Request) -> Option<u64> {
    request.parameter("id")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_todo_is_added_and_removed() {
        let added = add(&Request::post("/todos"), br#"{"title":"milk"}"#).unwrap_or_else(|no| no);
        assert_eq!(added.code(), 201);
        let todo: Todo = serde_json::from_slice(added.body()).unwrap();
        assert_eq!((todo.title.as_str(), todo.done), ("milk", false));

        let path = format!("/todos/{}", todo.id);
        let one = Request::get(&path).matching("/todos/:id");
        assert_eq!(show(&one).body(), added.body());
        assert_eq!(remove(&one).code(), 204);
        assert_eq!(show(&one).code(), 404);
    }

    #[test]
    fn what_is_no_todo_is_refused() {
        let refused = add(&Request::post("/todos"), b"{}").err().unwrap();
        assert_eq!(refused.code(), 422);
        assert_eq!(refused.body(), b"missing field `title` at line 1 column 2\n");
    }
}
