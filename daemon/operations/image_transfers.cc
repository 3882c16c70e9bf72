#include "daemon/operations/image_transfers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// With these words the engine is done with a layer.
bool IsLast(absl::string_view message) {
  constexpr std::array<absl::string_view, 4> kLast = {"Pull complete", "Already exists", "Pushed",
                                                      "Layer already exists"};
  return std::find(kLast.begin(), kLast.end(), message) != kLast.end();
}

TransferObserver ReportTo(EventSink& events, const std::string& task) {
  return [&events, task](const TransferStep& step) {
    // What is said of the image as a whole repeats what the task says.
    if (step.layer.empty() || absl::StartsWith(step.message, "Pulling from ")) return;
    events.Report(TaskProgress{.task = task,
                               .step = step.layer,
                               .message = absl::StrCat(step.layer, ": ", step.message),
                               .current = step.current,
                               .total = step.total,
                               .done = IsLast(step.message)});
  };
}

}  // namespace

absl::StatusOr<std::string> ImageTransfers::Pull(const std::string& task, const std::string& image,
                                                 EventSink& events,
                                                 const Cancellation& cancellation) {
  {
    MutexLock lock(mutex_);
    // Whoever pulls it belongs to the same request, so it is cancelled with us.
    while (under_way_.contains(image)) changed_.Wait(mutex_);
    if (const auto found = pulled_.find(image); found != pulled_.end()) return found->second;
    under_way_.insert(image);
  }
  absl::StatusOr<std::string> digest = PullNow(task, image, events, cancellation);
  MutexLock lock(mutex_);
  under_way_.erase(image);
  if (digest.ok()) pulled_[image] = *digest;
  changed_.NotifyAll();
  return digest;
}

absl::Status ImageTransfers::PullIfMissing(const std::string& task, const std::string& image,
                                           EventSink& events, const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string id,
                        session_->mirror.ImageId(image, AgeInOperation(start_), cancellation));
  if (!id.empty()) return absl::OkStatus();
  return Pull(task, image, events, cancellation).status();
}

absl::StatusOr<std::string> ImageTransfers::PullNow(const std::string& task,
                                                    const std::string& image, EventSink& events,
                                                    const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string auth, AuthFor(image, cancellation));
  absl::StatusOr<std::string> digest =
      session_->engine.PullImage(image, auth, ReportTo(events, task), cancellation);
  session_->mirror.InvalidateImages();
  if (digest.ok() || absl::IsCancelled(digest.status())) return digest;
  return WithPrefix(digest.status(), absl::StrCat("cannot pull ", image, ": "));
}

absl::StatusOr<std::string> ImageTransfers::Push(const std::string& task, const std::string& image,
                                                 EventSink& events,
                                                 const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string auth, AuthFor(image, cancellation));
  absl::StatusOr<std::string> digest =
      session_->engine.PushImage(image, auth, ReportTo(events, task), cancellation);
  if (digest.ok() || absl::IsCancelled(digest.status())) return digest;
  return WithPrefix(digest.status(), absl::StrCat("cannot push ", image, ": "));
}

absl::StatusOr<std::string> ImageTransfers::AuthFor(const std::string& image,
                                                    const Cancellation& cancellation) {
  const std::string registry = RegistryOf(image);
  NOPO_ASSIGN_OR_RETURN(const RegistryLogin login, logins_.Find(registry, cancellation));
  return AuthConfigJson(login, registry);
}

}  // namespace nopo
