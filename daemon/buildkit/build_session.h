// What a request offers to BuildKit while its images are built: files, and the answers to a few
// questions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "common/unique_fd.h"
#include "daemon/buildkit/archive_sink.h"
#include "daemon/buildkit/buildkit_address.h"
#include "daemon/buildkit/file_sync.h"
#include "daemon/buildkit/session_grants.h"
#include "daemon/buildkit/session_tunnel.h"

namespace grpc {
class Channel;
class Server;
}  // namespace grpc

namespace nopo {

// The name under which the Dockerfile frontend asks for the build context.
inline constexpr char kContextDirectory[] = "context";

// What one build is served.
struct SessionOffer {
  SyncedDirectories directories;
  std::map<std::string, ArchiveOpener> images;  // To be sent to us, by the exporter's name for it.
  std::map<std::string, std::shared_ptr<const ContentStore>> stores;  // By id.
};

// A gRPC server on a connection that we dialled. Thread-safe.
//
// The engine fetches a directory once in a session, however many builds use it, and builds what it
// has from then on. So a name stands for one state of one directory as long as the session lives.
class BuildSession {
 public:
  // Connects to the BuildKit at `address`, which answers on `control`, and serves what `grants`
  // allow. `shared_key` tells it with which earlier copies of directories to compare.
  //
  // Errors: those of DialUpgraded.
  static absl::StatusOr<std::shared_ptr<BuildSession>> Start(
      const BuildkitAddress& address, const std::shared_ptr<grpc::Channel>& control,
      const std::string& shared_key, const SessionGrants& grants, const Cancellation& cancellation);
  // Closes the connection; calls under way end.
  ~BuildSession();

  const std::string& id() const { return id_; }

  // Serves `offer` from now on. False, and nothing is served that was not before, when one of its
  // directories' names stands for another version already.
  bool Offer(const SessionOffer& offer) ABSL_LOCKS_EXCLUDED(mutex_);

  // The size of all messages sent for `directory` since this was last asked.
  int64_t TakeBytesSent(const std::string& directory) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  explicit BuildSession(const SessionGrants& grants);
  absl::Status Serve(UniqueFd fd);

  const std::string id_;
  mutable Mutex mutex_;
  SessionOffer offered_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> bytes_sent_ ABSL_GUARDED_BY(mutex_);  // By directory.
  std::vector<SessionService> services_;
  std::unique_ptr<SessionTunnel> tunnel_;  // Null inside an engine.
  std::unique_ptr<grpc::Server> server_;   // Last: uses all of the above.
};

// A name that no other session or build has: 25 lower-case letters and digits.
std::string NewBuildkitId();

}  // namespace nopo
