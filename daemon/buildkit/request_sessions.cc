#include "daemon/buildkit/request_sessions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace nopo {

namespace {

// Sessions of one key may be shared. The login is the same for all builds of a request.
std::string SessionKey(const std::string& context_key, const SessionGrants& grants) {
  std::string key = context_key;
  for (const auto* values : {&grants.secrets, &grants.ssh_agents}) {
    for (const auto& [id, value] : *values) {
      absl::StrAppend(&key, "\n", id.size(), ":", id, value.size(), ":", value);
    }
    key += '\n';
  }
  return key;
}

}  // namespace

RequestSessions::RequestSessions(BuildkitAddress address, std::string shared_key)
    : address_(std::move(address)), shared_key_(std::move(shared_key)) {}

std::shared_ptr<RequestSessions::SharedSession> RequestSessions::SessionOf(const std::string& key) {
  MutexLock lock(mutex_);
  std::shared_ptr<SharedSession>& session = sessions_[key];
  if (session == nullptr) session = std::make_shared<SharedSession>();
  return session;
}

absl::StatusOr<std::shared_ptr<BuildSession>> RequestSessions::Serving(
    const std::string& context_key, const SessionGrants& grants, const SessionOffer& offer,
    const std::shared_ptr<grpc::Channel>& control, const Cancellation& cancellation) {
  const auto open = [&]() -> absl::StatusOr<std::shared_ptr<const Opened>> {
    NOPO_ASSIGN_OR_RETURN(
        std::shared_ptr<BuildSession> session,
        BuildSession::Start(address_, control, absl::StrCat(shared_key_, "-", context_key), grants,
                            cancellation));
    return std::make_shared<const Opened>(Opened{std::move(session), control});
  };
  const std::shared_ptr<SharedSession> shared = SessionOf(SessionKey(context_key, grants));
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const std::shared_ptr<const Opened> opened,
                          shared->Get(cancellation, open));
    if (opened->control == control && opened->session->Offer(offer)) return opened->session;
    shared->Forget(opened);
  }
}

}  // namespace nopo
