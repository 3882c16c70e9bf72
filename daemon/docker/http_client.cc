#include "daemon/docker/http_client.h"

#include <poll.h>

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/tls_dialer.h"
#include "daemon/docker/engine_errors.h"
#include "daemon/docker/fd_stream.h"

namespace nopo {
namespace http = boost::beast::http;
namespace {

using ErrorCode = boost::system::error_code;

constexpr size_t kMaxIdle = 8;
constexpr size_t kReadSize = 32 * 1024;
// Beast reads as much as its buffer has room for, by itself 512 bytes.
constexpr size_t kBufferSize = 16 * 1024;
constexpr int kSwitchingProtocols = 101;

http::request<http::string_body> BeastRequest(const HttpRequest& request,
                                              const Endpoint& endpoint) {
  http::request<http::string_body> beast(http::string_to_verb(request.method), request.target, 11);
  beast.set(http::field::host, endpoint.kind == Endpoint::Kind::kTcp
                                   ? absl::StrCat(endpoint.host, ":", endpoint.port)
                                   : "docker");
  beast.set(http::field::user_agent, "nopo/" NOPO_VERSION);
  for (const auto& [name, value] : request.headers) beast.set(name, value);
  if (request.upgrade) {
    beast.set(http::field::connection, "Upgrade");
    beast.set(http::field::upgrade, "tcp");
  }
  if (!request.json.empty()) beast.set(http::field::content_type, "application/json");
  beast.body() = request.json;
  beast.prepare_payload();
  return beast;
}

// True for what may be sent again although the server may have acted on it.
bool IsIdempotent(const HttpRequest& request) { return request.method != "POST"; }

// A kept connection on which something is to be read before a request was sent has been closed.
bool IsStale(int fd) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) != 0;
}

struct Exchange {
  ErrorCode error;
  bool unprocessed = false;  // With an error: the server cannot have acted on the request.
  bool keep = false;
  HttpResponse response;
};

Exchange DoExchange(FdStream& stream, const http::request<http::string_body>& request) {
  Exchange exchange;
  http::write(stream, request, exchange.error);
  if (exchange.error) {
    exchange.unprocessed = true;  // It never got the end of the request.
    return exchange;
  }
  boost::beast::flat_buffer buffer;
  buffer.reserve(kBufferSize);
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::numeric_limits<uint64_t>::max());
  http::read(stream, buffer, parser, exchange.error);
  if (exchange.error) return exchange;
  exchange.keep = parser.keep_alive() && buffer.size() == 0;
  HttpResponse& response = exchange.response;
  response.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    const absl::string_view name(field.name_string().data(), field.name_string().size());
    response.headers.emplace(absl::AsciiStrToLower(name),
                             std::string(field.value().data(), field.value().size()));
  }
  response.body = std::move(parser.get().body());
  return exchange;
}

}  // namespace

class HttpStream::Connection {
 public:
  explicit Connection(UniqueFd fd) : stream_(std::move(fd)) {
    buffer_.reserve(kBufferSize);
    parser_.body_limit(std::numeric_limits<uint64_t>::max());
  }

  void Shutdown() { stream_.Shutdown(); }
  int fd() const { return stream_.fd(); }
  int status() const { return static_cast<int>(parser_.get().result_int()); }

  ErrorCode Send(const http::request<http::string_body>& request) {
    ErrorCode error;
    http::write(stream_, request, error);
    return error;
  }
  // The head alone of a request whose body comes in chunks.
  ErrorCode SendHead(http::request<http::string_body> request) {
    request.chunked(true);
    http::request_serializer<http::string_body> serializer(request);
    ErrorCode error;
    http::write_header(stream_, serializer, error);
    return error;
  }
  // No bytes end the body.
  ErrorCode SendChunk(absl::string_view bytes) {
    ErrorCode error;
    if (bytes.empty()) {
      boost::asio::write(stream_, http::make_chunk_last(), error);
    } else {
      boost::asio::write(stream_, http::make_chunk(boost::asio::buffer(bytes.data(), bytes.size())),
                         error);
    }
    return error;
  }
  ErrorCode ReadHead() {
    ErrorCode error;
    http::read_header(stream_, buffer_, parser_, error);
    return error;
  }

  std::string TakeEarly() {
    std::string early(buffer_.size(), '\0');
    buffer_.consume(boost::asio::buffer_copy(boost::asio::buffer(early), buffer_.data()));
    return early;
  }

  absl::string_view Read(ErrorCode& error) {
    return status() == kSwitchingProtocols ? ReadRaw(error) : ReadBody(error);
  }

 private:
  // Behind a 101 there is no HTTP any more; its first bytes may have come with the head.
  absl::string_view ReadRaw(ErrorCode& error) {
    error = {};
    size_t size = std::min(buffer_.size(), bytes_.size());
    if (size > 0) {
      boost::asio::buffer_copy(boost::asio::buffer(bytes_), buffer_.data(), size);
      buffer_.consume(size);
    } else {
      size = stream_.read_some(boost::asio::buffer(bytes_), error);
      if (error == boost::asio::error::eof) error = {};
    }
    return {bytes_.data(), size};
  }

  absl::string_view ReadBody(ErrorCode& error) {
    error = {};
    while (!parser_.is_done()) {
      auto& body = parser_.get().body();
      body.data = bytes_.data();
      body.size = bytes_.size();
      body.more = true;
      http::read_some(stream_, buffer_, parser_, error);
      if (error == http::error::need_buffer) error = {};
      const size_t size = bytes_.size() - body.size;
      if (error || size > 0) return {bytes_.data(), size};
    }
    return {};
  }

  FdStream stream_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, kReadSize> bytes_;
};

HttpStream::HttpStream(std::unique_ptr<Connection> connection, Endpoint endpoint,
                       const Cancellation& cancellation)
    : connection_(std::move(connection)),
      endpoint_(std::move(endpoint)),
      cancellation_(&cancellation),
      shutdown_(cancellation.OnCancel([raw = connection_.get()] { raw->Shutdown(); })) {}
HttpStream::HttpStream(HttpStream&&) noexcept = default;
HttpStream::~HttpStream() = default;

int HttpStream::status() const { return connection_->status(); }
int HttpStream::fd() const { return connection_->fd(); }
std::string HttpStream::TakeEarly() { return connection_->TakeEarly(); }

absl::StatusOr<absl::string_view> HttpStream::Read() {
  ErrorCode error;
  const absl::string_view bytes = connection_->Read(error);
  // A connection that was shut down looks like one that ended.
  NOPO_RETURN_IF_ERROR(cancellation_->Check());
  if (error) return LostEngineError(endpoint_);
  return bytes;
}

absl::StatusOr<std::string> HttpStream::ReadAll() {
  std::string all;
  while (true) {
    NOPO_ASSIGN_OR_RETURN(const absl::string_view bytes, Read());
    if (bytes.empty()) return all;
    absl::StrAppend(&all, bytes);
  }
}

HttpClient::HttpClient(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request,
                                              const Cancellation& cancellation) {
  const http::request<http::string_body> beast_request = BeastRequest(request, endpoint_);
  UniqueFd fd = TakeIdle();
  while (true) {
    NOPO_RETURN_IF_ERROR(cancellation.Check());
    const bool kept = fd.valid();
    if (!kept) {
      absl::StatusOr<UniqueFd> dialled = DialEndpoint(endpoint_, cancellation);
      if (!dialled.ok()) return DialError(dialled.status());
      fd = *std::move(dialled);
    }
    FdStream stream(std::move(fd));
    Exchange exchange;
    {
      const auto shutdown = cancellation.OnCancel([&stream] { stream.Shutdown(); });
      exchange = DoExchange(stream, beast_request);
    }
    if (!exchange.error) {
      if (exchange.keep) KeepIdle(stream.Release());
      return std::move(exchange.response);
    }
    NOPO_RETURN_IF_ERROR(cancellation.Check());
    if (!kept || !(exchange.unprocessed || IsIdempotent(request)))
      return LostEngineError(endpoint_);
    // `fd` is empty now: the second round dials.
  }
}

absl::StatusOr<HttpStream> HttpClient::Connect(const Cancellation& cancellation) const {
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  absl::StatusOr<UniqueFd> fd = DialEndpoint(endpoint_, cancellation);
  if (!fd.ok()) return DialError(fd.status());
  return HttpStream(std::make_unique<HttpStream::Connection>(*std::move(fd)), endpoint_,
                    cancellation);
}

absl::StatusOr<HttpStream> HttpClient::Open(const HttpRequest& request,
                                            const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(HttpStream stream, Connect(cancellation));
  ErrorCode error = stream.connection_->Send(BeastRequest(request, endpoint_));
  if (!error) error = stream.connection_->ReadHead();
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  if (error) return LostEngineError(endpoint_);
  return stream;
}

absl::StatusOr<HttpUpload> HttpClient::OpenUpload(const HttpRequest& request,
                                                  const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(HttpStream stream, Connect(cancellation));
  const ErrorCode error = stream.connection_->SendHead(BeastRequest(request, endpoint_));
  NOPO_RETURN_IF_ERROR(cancellation.Check());
  if (error) return LostEngineError(endpoint_);
  return HttpUpload(std::move(stream));
}

HttpUpload::HttpUpload(HttpStream answer) : answer_(std::move(answer)) {}

absl::Status HttpUpload::Write(absl::string_view bytes) {
  if (bytes.empty()) return absl::OkStatus();
  const ErrorCode error = answer_.connection_->SendChunk(bytes);
  NOPO_RETURN_IF_ERROR(answer_.cancellation_->Check());
  return error ? LostEngineError(answer_.endpoint_) : absl::OkStatus();
}

absl::StatusOr<HttpStream> HttpUpload::Finish() {
  // A server that has heard enough answers and stops reading; its answer counts.
  (void)answer_.connection_->SendChunk("");
  const ErrorCode error = answer_.connection_->ReadHead();
  NOPO_RETURN_IF_ERROR(answer_.cancellation_->Check());
  if (error) return LostEngineError(answer_.endpoint_);
  return std::move(answer_);
}

UniqueFd HttpClient::TakeIdle() {
  MutexLock lock(mutex_);
  while (!idle_.empty()) {
    UniqueFd fd = std::move(idle_.back());
    idle_.pop_back();
    if (!IsStale(fd.get())) return fd;
  }
  return UniqueFd();
}

void HttpClient::KeepIdle(UniqueFd fd) {
  MutexLock lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(fd));
}

}  // namespace nopo
