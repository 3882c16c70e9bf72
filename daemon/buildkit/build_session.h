// What one build offers to BuildKit while it runs: its files, and the answers to a few questions.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "common/endpoint.h"
#include "common/unique_fd.h"
#include "daemon/buildkit/file_sync.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace nopo {

inline constexpr char kContextDirectory[] = "context";
inline constexpr char kDockerfileDirectory[] = "dockerfile";

// A gRPC server on a connection that we dialled. Never to be used for a second build: the engine
// remembers per session what it was sent, and would build the old files.
class BuildSession {
 public:
  // Connects and serves `directories`. `shared_key` tells the engine which earlier copy of them to
  // compare with.
  //
  // Errors: those of DialUpgraded.
  static absl::StatusOr<std::unique_ptr<BuildSession>> Start(const Endpoint& engine,
                                                             const std::string& shared_key,
                                                             SyncedDirectories directories,
                                                             const Cancellation& cancellation);
  // Closes the connection; calls under way end.
  ~BuildSession();

  const std::string& id() const { return id_; }
  // Content of files of kContextDirectory sent so far.
  int64_t context_bytes_sent() const { return context_bytes_sent_; }

 private:
  BuildSession(std::string id, SyncedDirectories directories);
  absl::Status Serve(UniqueFd fd);

  const std::string id_;
  const SyncedDirectories directories_;
  std::atomic<int64_t> context_bytes_sent_ = 0;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;  // Last: uses all of the above.
};

// A name that no other session or build has: 25 lower-case letters and digits.
std::string NewBuildkitId();

}  // namespace nopo
