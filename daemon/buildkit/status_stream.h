// Follows a build's progress while the call that builds blocks another thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "common/mutex.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc
namespace moby::buildkit::v1 {
class StatusResponse;
}

namespace nopo {

class StatusStream {
 public:
  using Observer = std::function<void(const moby::buildkit::v1::StatusResponse&)>;

  // Starts to follow build `ref`, which need not exist yet. `observer` is called on a thread of
  // this object's own.
  StatusStream(std::shared_ptr<grpc::Channel> channel, std::string ref, Observer observer);
  // Ends the call if need be.
  ~StatusStream();

  // Blocks until all of the build was seen, to be called once it is over. BuildKit never ends the
  // stream of a build that failed before it began, so one that said nothing for `silence` is given
  // up; so is any at `deadline`.
  void Finish(absl::Duration silence, absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether BuildKit has said anything.
  bool HasBegun() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Follow(const std::string& ref, const Observer& observer) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<grpc::ClientContext> context_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread follower_;
};

}  // namespace nopo
