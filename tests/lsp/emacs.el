;; Emacs opens the file with eglot, shows the hazard, applies the cure: see test_editors.py.
;; Lines for the test go to standard output.
(require 'eglot)
(add-to-list 'eglot-server-programs (list 'c-mode (getenv "SNARL") "lsp"))
(setq eglot-sync-connect 20 eglot-connect-timeout 30 project-vc-merge-submodules nil)

(defun seen-texts ()
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun seen-p (text)
  (seq-some (lambda (shown) (string-match-p (regexp-quote text) shown)) (seen-texts)))

(defun wait-until (condition)
  (let ((end (+ (float-time) 20)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.05)
      (flymake-start))))

(defun say (kind text)
  (princ (format "%s: %s\n" kind text)))

(find-file "bank.c")
(c-mode)
(eglot--connect '(c-mode) (cons 'transient default-directory) 'eglot-lsp-server
                (list (getenv "SNARL") "lsp") "c")
(eglot--managed-mode 1)
(flymake-mode 1)
(wait-until (lambda () (seq-some (lambda (text) (string-match-p "wait" text)) (seen-texts))))
(dolist (text (seen-texts)) (say "shown" (car (split-string text "\n"))))

(let* ((found (seq-find (lambda (one) (string-match-p "'while'" (flymake-diagnostic-text one)))
                        (flymake-diagnostics)))
       (diagnostic (alist-get 'eglot-lsp-diag (eglot--diag-data found)))
       (actions (jsonrpc-request
                 (eglot-current-server) :textDocument/codeAction
                 (list :textDocument (eglot--TextDocumentIdentifier)
                       :range (plist-get diagnostic :range)
                       :context (list :diagnostics (vector diagnostic)))
                 :timeout 20)))
  (seq-doseq (action actions)
    (say "action" (plist-get action :title))
    (when (string-match-p "'while'" (plist-get action :title))
      (eglot--apply-workspace-edit (plist-get action :edit)))))
(eglot--signal-textDocument/didChange)
(wait-until (lambda () (not (seen-p "'while'"))))
(dolist (text (seen-texts)) (say "left" (car (split-string text "\n"))))
(say "text" (buffer-string))
(eglot-shutdown (eglot-current-server))
