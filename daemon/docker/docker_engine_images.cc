#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status_macros.h"
#include "daemon/docker/docker_engine_connections.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/engine_json.h"
#include "daemon/docker/line_splitter.h"
#include "daemon/docker/url.h"

namespace nopo {
namespace {

// {"shop", "latest"} of "shop"; {"nginx", "sha256:0"} of a digest.
std::pair<std::string, std::string> SplitReference(absl::string_view reference) {
  const std::string full = NormalizedTag(reference);
  size_t cut = full.find('@');
  if (cut == full.npos) cut = full.rfind(':');
  return {full.substr(0, cut), full.substr(cut + 1)};
}

std::string ImageTarget(absl::string_view reference, absl::string_view rest) {
  return absl::StrCat("/images/", PercentEncodePath(reference), rest);
}

// Base64 of the kind that the header wants: with padding, but safe in URLs.
std::string RegistryAuthHeader(absl::string_view auth_json) {
  const std::string text =
      absl::Base64Escape(auth_json.empty() ? absl::string_view("{}") : auth_json);
  return absl::StrReplaceAll(text, {{"+", "-"}, {"/", "_"}});
}

// The digest that the engine tells while it does what `stream` answers to.
absl::StatusOr<std::string> FollowTransfer(HttpStream& stream, const TransferObserver& progress) {
  LineSplitter lines;
  TransferReader reader(progress);
  absl::Status outcome;
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const absl::string_view bytes, stream.Read());
    if (bytes.empty() && !outcome.ok()) return outcome;
    if (bytes.empty()) return reader.digest();
    lines.Feed(bytes, [&](absl::string_view line) { outcome.Update(reader.Read(line)); });
  }
}

}  // namespace

absl::StatusOr<std::vector<Image>> DockerEngine::ListImages(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string body, connections_->Get("/images/json", cancellation));
  return ReadImages(body);
}

absl::StatusOr<Image> DockerEngine::InspectImage(absl::string_view reference,
                                                 const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const std::string body,
                        connections_->Get(ImageTarget(reference, "/json"), cancellation));
  return ReadImage(body);
}

absl::Status DockerEngine::RemoveImage(absl::string_view reference,
                                       const Cancellation& cancellation) {
  return connections_->Delete(ImageTarget(reference, ""), cancellation);
}

absl::StatusOr<std::string> DockerEngine::PullImage(absl::string_view reference,
                                                    absl::string_view registry_auth_json,
                                                    const TransferObserver& progress,
                                                    const Cancellation& cancellation) {
  const auto [repository, tag] = SplitReference(reference);
  return connections_->Transfer(
      "/images/create" + QueryString({{"fromImage", repository}, {"tag", tag}}), registry_auth_json,
      progress, cancellation);
}

absl::StatusOr<std::string> DockerEngine::PushImage(absl::string_view reference,
                                                    absl::string_view registry_auth_json,
                                                    const TransferObserver& progress,
                                                    const Cancellation& cancellation) {
  const auto [repository, tag] = SplitReference(reference);
  return connections_->Transfer(ImageTarget(repository, "/push" + QueryString({{"tag", tag}})),
                                registry_auth_json, progress, cancellation);
}

absl::StatusOr<std::string> DockerEngine::Connections::Transfer(
    std::string target, absl::string_view registry_auth_json, const TransferObserver& progress,
    const Cancellation& cancellation) {
  HttpRequest request{.method = "POST",
                      .target = std::move(target),
                      .headers = {{"X-Registry-Auth", RegistryAuthHeader(registry_auth_json)}}};
  absl::StatusOr<HttpStream> stream = Open(std::move(request), cancellation);
  if (!stream.ok()) return RegistryError(stream.status());
  absl::StatusOr<std::string> digest = FollowTransfer(*stream, progress);
  if (!digest.ok()) return RegistryError(Observe(digest.status()));
  return digest;
}

}  // namespace nopo
