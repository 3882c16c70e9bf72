#include "daemon/state/project_registry.h"

#include <utility>

#include "common/status_macros.h"

namespace nopo {

ProjectRegistry::Turn::Turn(ProjectRegistry* registry, std::filesystem::path root)
    : registry_(registry), root_(std::move(root)) {}

ProjectRegistry::Turn::Turn(Turn&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)), root_(std::move(other.root_)) {}

ProjectRegistry::Turn::~Turn() {
  if (registry_ != nullptr) registry_->Release(root_);
}

absl::StatusOr<ProjectRegistry::Turn> ProjectRegistry::Acquire(
    const std::filesystem::path& root, absl::string_view operation,
    const std::function<void(absl::string_view)>& waiting, const Cancellation& cancellation) {
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  const int ticket = NewTicket();
  const std::optional<std::string> holder = Join(root, Place{ticket, std::string(operation)});
  if (!holder.has_value()) return Turn(this, root);
  waiting(*holder);
  if (!AwaitTurn(root, ticket, cancellation)) return cancellation.Check();
  return Turn(this, root);
}

int ProjectRegistry::NewTicket() {
  MutexLock lock(mutex_);
  return next_ticket_++;
}

std::optional<std::string> ProjectRegistry::Join(const std::filesystem::path& root, Place place) {
  MutexLock lock(mutex_);
  const auto [it, is_free] = lines_.try_emplace(root);
  Line& line = it->second;
  if (is_free) {
    line.holder = std::move(place);
    return std::nullopt;
  }
  line.waiting.push_back(std::move(place));
  return line.holder.operation;
}

bool ProjectRegistry::AwaitTurn(const std::filesystem::path& root, int ticket,
                                const Cancellation& cancellation) {
  // Locks so as not to fall between a look at the cancellation and the wait that follows it.
  const Cancellation::Registration wake = cancellation.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  MutexLock lock(mutex_);
  Line& line = lines_.at(root);
  while (line.holder.ticket != ticket && !cancellation.IsCancelled()) changed_.Wait(mutex_);
  if (line.holder.ticket == ticket) return true;
  std::erase_if(line.waiting, [&](const Place& place) { return place.ticket == ticket; });
  return false;
}

void ProjectRegistry::Release(const std::filesystem::path& root) {
  MutexLock lock(mutex_);
  const auto it = lines_.find(root);
  Line& line = it->second;
  if (line.waiting.empty()) {
    lines_.erase(it);
    return;
  }
  line.holder = std::move(line.waiting.front());
  line.waiting.pop_front();
  changed_.NotifyAll();
}

}  // namespace nopo
