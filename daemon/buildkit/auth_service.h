// Answers BuildKit's questions for registry logins.
#pragma once

#include <memory>

namespace grpc {
class Service;
}

namespace nopo {

// A moby.filesync.v1.Auth that knows no login: every registry is used anonymously.
std::unique_ptr<grpc::Service> MakeAnonymousAuthService();

}  // namespace nopo
