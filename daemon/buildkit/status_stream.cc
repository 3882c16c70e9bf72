#include "daemon/buildkit/status_stream.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "buildkit/control.grpc.pb.h"

namespace nopo {

namespace v1 = moby::buildkit::v1;

StatusStream::StatusStream(std::shared_ptr<grpc::Channel> channel, std::string ref,
                           Observer observer)
    : channel_(std::move(channel)), context_(std::make_unique<grpc::ClientContext>()) {
  follower_ = std::thread(
      [this, ref = std::move(ref), observer = std::move(observer)] { Follow(ref, observer); });
}

StatusStream::~StatusStream() {
  if (!follower_.joinable()) return;
  context_->TryCancel();
  follower_.join();
}

void StatusStream::Follow(const std::string& ref, const Observer& observer) {
  v1::StatusRequest request;
  request.set_ref(ref);
  const auto reader = v1::Control::NewStub(channel_)->Status(context_.get(), request);
  v1::StatusResponse response;
  while (reader->Read(&response)) {
    {
      MutexLock lock(mutex_);
      begun_ = true;
      changed_.NotifyAll();
    }
    observer(response);
  }
  // How the call ended says nothing that the build's own call does not say better.
  reader->Finish();
  MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

void StatusStream::Finish(absl::Duration silence, absl::Time deadline) {
  const absl::Time patience = std::min(absl::Now() + silence, deadline);
  bool ended = false;
  {
    MutexLock lock(mutex_);
    while (!ended_) {
      const absl::Time limit = begun_ ? deadline : patience;
      if (absl::Now() >= limit) break;
      changed_.WaitUntil(mutex_, limit);
    }
    ended = ended_;
  }
  if (!ended) context_->TryCancel();
  follower_.join();
}

bool StatusStream::HasBegun() const {
  MutexLock lock(mutex_);
  return begun_;
}

}  // namespace nopo
