// The sessions that the images of a request share.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "common/shared_value.h"
#include "daemon/buildkit/build_session.h"
#include "daemon/buildkit/buildkit_address.h"
#include "daemon/buildkit/session_grants.h"

namespace grpc {
class Channel;
}

namespace nopo {

// Images of one context and with the same secrets share a session and so its one transfer.
// Different contexts cannot: the Dockerfile frontend asks for each by the same name.
//
// Thread-safe. Opens nothing before the first image needs it. Belongs to one request: the next has
// new sessions, because nobody tells the engine what was edited in between. Should a context change
// within the request, those who come with its new version get a new session; the old one lives
// until its builds have ended.
class RequestSessions {
 public:
  // `shared_key` as for BuildkitClient::NewRequest.
  RequestSessions(BuildkitAddress address, std::string shared_key);

  // A session of the context `context_key` that serves `offer` and `grants` and goes with
  // `control`, the connection on which its builds are asked for: when that is another one, the
  // engine may have been restarted and has forgotten the session.
  //
  // Errors: those of BuildSession::Start.
  absl::StatusOr<std::shared_ptr<BuildSession>> Serving(
      const std::string& context_key, const SessionGrants& grants, const SessionOffer& offer,
      const std::shared_ptr<grpc::Channel>& control, const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Opened {
    std::shared_ptr<BuildSession> session;
    std::shared_ptr<grpc::Channel> control;
  };
  using SharedSession = SharedValue<const Opened>;

  std::shared_ptr<SharedSession> SessionOf(const std::string& key) ABSL_LOCKS_EXCLUDED(mutex_);

  const BuildkitAddress address_;
  const std::string shared_key_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<SharedSession>> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nopo
