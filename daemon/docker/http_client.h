// HTTP/1.1 with one server, over connections that are kept.
//
// Thread-safe. Every call blocks, and ends with CANCELLED when its `cancellation` fires: that shuts
// the call's socket down.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/endpoint.h"
#include "common/mutex.h"
#include "common/unique_fd.h"

namespace nopo {

struct HttpRequest {
  std::string method = "GET";
  std::string target;  // Path and query, encoded.
  std::string json;    // The body; "" for none.
  std::map<std::string, std::string> headers;
  bool upgrade = false;  // Asks for the plain connection behind the answer's head.
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

// An answer whose body is read while it arrives. Owns its connection; used by one thread at a time.
class HttpStream {
 public:
  class Connection;

  HttpStream(std::unique_ptr<Connection> connection, Endpoint endpoint,
             const Cancellation& cancellation);
  HttpStream(HttpStream&&) noexcept;
  ~HttpStream();

  int status() const;
  // The plain connection behind a 101, for who polls, reads and writes by itself, after TakeEarly.
  // Reports its end once `cancellation` has fired.
  int fd() const;
  // What of the plain connection came with the head of the answer.
  std::string TakeEarly();
  // Blocks for the next bytes; "" at the end. The view is good until the next call.
  //
  // Errors: CANCELLED; UNAVAILABLE when the server went away in the middle.
  absl::StatusOr<absl::string_view> Read();
  // All that is left.
  absl::StatusOr<std::string> ReadAll();

 private:
  friend class HttpClient;
  friend class HttpUpload;

  std::unique_ptr<Connection> connection_;
  Endpoint endpoint_;
  const Cancellation* cancellation_;
  Cancellation::Registration shutdown_;  // Goes first: it refers to the connection.
};

// A request whose body is written while it comes to be. Owns its connection; used by one thread at
// a time.
class HttpUpload {
 public:
  explicit HttpUpload(HttpStream answer);

  // Blocks while the server is busy.
  //
  // Errors: CANCELLED; UNAVAILABLE when the server went away or has stopped reading, about which
  // Finish may know more.
  absl::Status Write(absl::string_view bytes);
  // Ends the body and reads the head of the answer, whatever its status.
  //
  // Errors: as Write.
  absl::StatusOr<HttpStream> Finish();

 private:
  HttpStream answer_;  // Its head is yet to come.
};

class HttpClient {
 public:
  explicit HttpClient(Endpoint endpoint);
  ~HttpClient();

  const Endpoint& endpoint() const { return endpoint_; }

  // Sends and reads the whole answer, whatever its status. A kept connection that turns out dead is
  // replaced once, unless the server may have acted on a request that must not be repeated.
  //
  // Errors:
  //   UNAVAILABLE        nobody listens, or the server went away before it had answered
  //   PERMISSION_DENIED  the user may not use the socket
  //   CANCELLED
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const Cancellation& cancellation);

  // Sends on a connection of its own and reads the head of the answer. `cancellation` must outlive
  // the stream. Errors as Send.
  absl::StatusOr<HttpStream> Open(const HttpRequest& request, const Cancellation& cancellation);

  // Sends the head of `request`, whose body follows. Otherwise as Open.
  absl::StatusOr<HttpUpload> OpenUpload(const HttpRequest& request,
                                        const Cancellation& cancellation);

 private:
  // A connection of its own.
  absl::StatusOr<HttpStream> Connect(const Cancellation& cancellation) const;
  UniqueFd TakeIdle() ABSL_LOCKS_EXCLUDED(mutex_);
  void KeepIdle(UniqueFd fd) ABSL_LOCKS_EXCLUDED(mutex_);

  const Endpoint endpoint_;
  Mutex mutex_;
  std::vector<UniqueFd> idle_ ABSL_GUARDED_BY(mutex_);  // The freshest last.
};

}  // namespace nopo
