#include <memory>
#include <utility>

#include "common/status_macros.h"
#include "daemon/docker/docker_engine_connections.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/line_splitter.h"
#include "daemon/docker/url.h"

namespace nopo {

ImageLoad::ImageLoad(HttpUpload upload)
    : upload_(std::make_unique<HttpUpload>(std::move(upload))) {}
ImageLoad::ImageLoad(ImageLoad&&) noexcept = default;
ImageLoad::~ImageLoad() = default;

absl::Status ImageLoad::Write(absl::string_view bytes) {
  absl::Status written = upload_->Write(bytes);
  if (!absl::IsUnavailable(written)) return written;
  // An engine that stops reading has usually said why.
  const absl::Status why = Finish();
  return why.ok() ? written : why;
}

absl::Status ImageLoad::Finish() {
  NOPO_ASSIGN_OR_RETURN(HttpStream answer, upload_->Finish());
  if (answer.status() >= 400) {
    NOPO_ASSIGN_OR_RETURN(const std::string body, answer.ReadAll());
    return EngineError(answer.status(), body);
  }
  // A failure in the middle is told after the head said 200.
  LineSplitter lines;
  TransferReader reader(nullptr);
  absl::Status outcome;
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const absl::string_view bytes, answer.Read());
    if (bytes.empty()) return outcome;
    lines.Feed(bytes, [&](absl::string_view line) { outcome.Update(reader.Read(line)); });
  }
}

absl::StatusOr<ImageLoad> DockerEngine::LoadImages(const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(HttpUpload upload, connections_->OpenUpload(
                                               {.method = "POST",
                                                .target = "/images/load?quiet=1",
                                                .headers = {{"Content-Type", "application/x-tar"}}},
                                               cancellation));
  return ImageLoad(std::move(upload));
}

absl::StatusOr<ArchiveSource> DockerEngine::SaveImage(absl::string_view reference,
                                                      const Cancellation& cancellation) {
  const QueryParameters names = {{"names", std::string(reference)}};
  NOPO_ASSIGN_OR_RETURN(
      HttpStream stream,
      connections_->Open({.target = "/images/get" + QueryString(names)}, cancellation));
  return ArchiveSource(
      [stream = std::make_shared<HttpStream>(std::move(stream))] { return stream->Read(); });
}

}  // namespace nopo
