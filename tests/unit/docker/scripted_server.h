// An HTTP server on a unix socket that answers as a test says. It stands in for an engine that
// fails in ways a real one cannot be asked to.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "common/unique_fd.h"

namespace nopo {

class ScriptedServer {
 public:
  // Gets the first line of a request ("GET /_ping HTTP/1.1"), gives the bytes to answer with. ""
  // means to close the connection without an answer, "Connection: close" in it to close it
  // afterwards. Called on one thread per connection.
  using Script = std::function<std::string(const std::string& request_line)>;

  // Listens at `path` at once.
  ScriptedServer(const std::string& path, Script script);
  // Closes all connections and leaves the socket's file, like an engine that was killed.
  ~ScriptedServer();

  int connections() const;

 private:
  void Accept();
  void Serve(int fd);

  const Script script_;
  UniqueFd listener_;
  mutable Mutex mutex_;
  std::vector<UniqueFd> sockets_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> servers_;  // Of the accepting thread; joined after it.
  std::thread acceptor_;
};

// "HTTP/1.1 200 OK" with `body`, keeping the connection.
std::string OkAnswer(const std::string& body, const std::string& headers = "");

}  // namespace nopo
